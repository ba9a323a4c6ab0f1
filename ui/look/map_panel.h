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

// The map of a run's videos or moments (principal plane or t-SNE) and the nearest neighbours of the chosen one, among all that the embedding holds. A
// click goes there; moving about in the video moves the ring. Maps and long searches are computed on a worker; a map can be broken off.
class MapPanel : public QWidget {
  Q_OBJECT
 public:
  enum What { kVideos, kMoments };
  enum Method { kPlane, kTsne };
  enum Colour { kClass, kRight, kTime, kVideo, kRun };
  static constexpr int64_t kMostMapped = 4000;  // more moments are thinned evenly in the map, not in the search
  MapPanel(Workspace& workspace, EmbeddingStore& store, QWidget* parent = nullptr);
  ~MapPanel() override;

  void choose(What what, Method method, Colour colour);
  void setOtherRuns(const QStringList& runs);  // laid into the map when coloured by run
  ScatterView* view() { return view_; }
  QTableWidget* neighbours() { return neighbours_; }
  bool busy() const { return busy_; }
  bool searching() const { return searching_; }  // for neighbours, on a worker
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
  struct Near {
    Item item;
    float similarity = 0.0f;
  };
  using Files = std::vector<std::shared_ptr<const EmbeddingFile>>;
  void compute();
  void recolour();
  void followCursor();
  void showNeighbours(int point);
  void listNeighbours(const std::vector<Near>& found);
  static std::vector<Near> nearest(const Files& files, const Item& item);  // any thread; among all videos or moments, mapped or not
  void goTo(const Item& item);
  int pointNear(int64_t video, double seconds) const;  // of the run shown; -1 = the video is not in the map
  double secondsOf(const Item& item) const;
  QString labelOf(const Item& item) const;

  Workspace& workspace_;
  EmbeddingStore& store_;
  QComboBox *what_, *method_, *colour_;
  QProgressBar* progress_;
  ScatterView* view_;
  QTableWidget* neighbours_;
  QLabel* neighbours_title_;
  QLabel* sample_;  // how many are drawn, when not all are
  ElidedLabel* read_out_;
  QStringList other_runs_, run_names_;
  std::shared_ptr<std::atomic<bool>> stop_;
  Files files_;  // of the map shown: the run's own first
  std::vector<std::vector<int64_t>> last_steps_;  // of the moments, by file and video; 1 at least
  std::vector<Item> items_, listed_;              // mapped; in the table of neighbours
  std::vector<MapPoint> at_;
  QTimer cursor_timer_;
  int64_t newest_search_ = 0;
  bool busy_ = false, searching_ = false;
};

}  // namespace hvlm::ui
