// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTimer>
#include <QWidget>
#include <atomic>
#include <memory>
#include <vector>

#include "score/embedding_map.h"
#include "ui/look/embedding_store.h"
#include "ui/look/scatter_view.h"

class QComboBox;
class QLabel;
class QProgressBar;
class QTableWidget;

namespace hvlm::ui {

class ElidedLabel;
class Workspace;

// The map of a run's videos or moments (principal plane or t-SNE) and the nearest neighbours of the chosen one. A click goes there; moving about in
// the video moves the ring. Maps are computed on a worker and can be broken off.
class MapPanel : public QWidget {
  Q_OBJECT
 public:
  enum What { kVideos, kMoments };
  enum Method { kPlane, kTsne };
  enum Colour { kClass, kRight, kTime, kVideo, kRun };
  static constexpr int64_t kMostMapped = 4000;  // more moments are thinned evenly
  MapPanel(Workspace& workspace, EmbeddingStore& store, QWidget* parent = nullptr);
  ~MapPanel() override;

  void choose(What what, Method method, Colour colour);
  void setOtherRuns(const QStringList& runs);  // laid into the map when coloured by run
  ScatterView* view() { return view_; }
  QTableWidget* neighbours() { return neighbours_; }
  bool busy() const { return busy_; }
  // Video index and second of a mapped point, of the run shown; -1 for another run's.
  std::pair<int64_t, double> placeOf(int point) const;

 Q_SIGNALS:
  void mapped();

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  struct Item {
    int64_t video = 0, moment = -1;  // moment: index into the file's moments, -1 for a video
    int run = 0;
  };
  void compute();
  void recolour();
  void followCursor();
  void showNeighbours(int point);
  void goTo(int point);
  QString labelOf(const Item& item) const;

  Workspace& workspace_;
  EmbeddingStore& store_;
  QComboBox *what_, *method_, *colour_;
  QProgressBar* progress_;
  ScatterView* view_;
  QTableWidget* neighbours_;
  QLabel* neighbours_title_;
  ElidedLabel* read_out_;
  QStringList other_runs_, run_names_;
  std::shared_ptr<std::atomic<bool>> stop_;
  std::vector<std::shared_ptr<const EmbeddingFile>> files_;  // of the map shown: the run's own first
  std::vector<Item> items_;
  std::vector<MapPoint> at_;
  std::vector<float> vectors_;
  int64_t width_ = 0;
  QTimer cursor_timer_;
  bool busy_ = false;
  bool own_move_ = false;
};

}  // namespace hvlm::ui
