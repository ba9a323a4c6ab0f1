// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QMainWindow>
#include <memory>
#include <optional>

#include <functional>

#include "runs/run_notes.h"
#include "ui/shell/key_map.h"
#include "ui/shell/places.h"
#include "ui/shell/project.h"
#include "ui/shell/session.h"
#include "ui/style/class_colours.h"
#include "ui/window/drop.h"

class QLabel;
class QSplitter;
class QStackedWidget;
class QTabWidget;
class QTimer;

namespace hvlm {
class JobEngine;
class JobRunner;
}

namespace hvlm::ui {

class ActionList;
class AttentionPanel;
class ChatPanel;
class CommandPalette;
class CompareView;
class CurveStore;
class CurvesView;
class DetectionPanel;
class Exporter;
class FeaturesPanel;
class FoundMark;
class History;
class InspectorPanel;
class JobQueue;
class JobsPanel;
class JobController;
class LogPanel;
class NoticeStrip;
class PanelPins;
class Prompts;
class PyramidPanel;
class ResultsView;
class RunTable;
class RunsPanel;
class SearchPanel;
class TimelinePanel;
struct TimelineOptions;
class TrainingPanel;
class VideoFiles;
class VideoInspector;
class VideoPanel;
class VideosPanel;
class WelcomePage;
class Workspace;

// Puts the panels together and lets them talk to each other. Each panel owns what it shows; nothing here computes.
class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  // `prompts` outlives the window. `session` is what was read at start. `engine`: for tests, in place of the program's own.
  MainWindow(Prompts& prompts, const Session& session, QWidget* parent = nullptr, std::function<JobEngine&()> engine = {});
  ~MainWindow() override;

  void openData(const QString& dataset_yaml);
  void openRun(const QString& folder);    // shows it, follows it, and opens its data set when none is open
  void openRuns(const QString& folder);   // a run, or a folder of runs
  void openReproduction(const QString& path);  // OUT or OUT/tables.json, in the tab Compare
  void openPath(const QString& path);     // whatever it is
  void openPaths(const QStringList& paths);  // all of them, told in one notice; a data set first, the others are counted against it
  void openDemo();                        // a finished run: the user's own, else the one that comes with the program
  void restore(const Session& session);   // what was open last time
  // After a crash, one question with what can be taken up again and from when. False: the user begins with nothing; what was open is then set
  // aside, or left alone until the next start (Esc).
  bool mayTakeUp(const Session& session, const KeptTimes& kept);
  void restoreTalks();                    // with whom was talked about which video, from the file in the state folder
  void restoreHistory();                  // what was done in earlier sessions, from the file in the state folder
  void openProject(const QString& folder);
  void saveProject(std::function<void()> then = {}, std::function<void()> failed = {});
  const QString& projectFolder() const { return project_; }
  bool projectChanged() const { return project_changed_; }
  Session session() const;
  // How a run goes on when the window closes, on a worker; what is wrong, or nothing (continueInBackground). Tests give another way.
  void setBackgroundStarter(std::function<QString(const QString& run)> start) { go_on_in_background_ = std::move(start); }
  void stopAndClose();                    // no question: the program was told to end; a run keeps its checkpoint
  void useKeys(const KeyMap& keys);       // those the user has chosen
  void saveSessionOnClose(bool on) { saves_session_ = on; }

  Workspace& workspace() { return *workspace_; }
  JobController& controller() { return *controller_; }
  CurveStore& curveStore() { return *store_; }
  ActionList& actionList() { return *actions_; }
  TimelinePanel& timeline() { return *timeline_; }
  CurvesView& curves() { return *curves_; }
  ResultsView& results() { return *results_; }
  CompareView& compare() { return *compare_; }
  RunsPanel& runs() { return *runs_; }
  VideosPanel& videos() { return *videos_; }
  VideoPanel& player() { return *player_; }
  TrainingPanel& training() { return *training_; }
  LogPanel& log() { return *log_; }
  QTabWidget& tabs() { return *tabs_; }
  CommandPalette& palettePanel() { return *palette_; }
  Exporter& exporter() { return *exporter_; }
  History& history() { return *history_; }
  FeaturesPanel& features() { return *features_; }
  AttentionPanel& attention() { return *attention_; }
  DetectionPanel& detections() { return *detections_; }
  PyramidPanel& pyramid() { return *pyramid_; }
  RunTable& runTable() { return *table_; }
  JobQueue& jobQueue() { return *jobs_; }
  JobsPanel& jobsPanel() { return *jobs_panel_; }
  SearchPanel& search() { return *search_; }
  ChatPanel& chat() { return *chat_; }
  PanelPins& pins() { return *pins_; }
  FoundMark& foundMark() { return *found_mark_; }
  void setLanguageRunner(JobRunner* runner);  // whose engine searches and answers; outlives the window or is taken back with null

 Q_SIGNALS:
  void closed();
  void placesChanged();  // what lies before and ahead

 protected:
  bool event(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void makePanels();
  void arrange();
  void makeActions();       // main_window_actions.cpp
  void showDoctor();
  void makeRunActions();
  void makeTimelineActions();
  void makePlayerActions();
  void makeToolActions();
  void makeEditActions();      // main_window_runs.cpp
  void makeRunListActions();
  void connectHistory();
  void connectMoreHistory();  // main_window_undo.cpp
  void formChanged();
  void putForm(const QJsonObject& state);
  void keysChosen(const KeyMap& keys);
  void putKeys(const KeyMap& keys);
  void keepKeys();
  void linksChanged();
  void putLinks(const QHash<QString, QString>& links);  // no change of the user's
  void tellPanel(QDockWidget* panel, bool shown);
  QJsonObject layoutNow() const;
  bool putLayout(const QJsonValue& state);  // false when it cannot be taken up whole
  void followRows(const TimelineOptions& shown);
  void useColours(const ClassColours& colours);
  void changeNotes(const QString& folder, const std::function<void(RunNotes&)>& change, const QString& what);
  void runsChanged();
  void tagRun(const QString& folder);
  void noteRun(const QString& folder);
  void colourRun(const QString& folder);
  void standardColourRun(const QString& folder);
  void chooseRunColour(const QString& folder, const QColor& colour);
  void showRunColours();
  void pinBaseline(const QString& folder);
  void showRunTable();
  void showDifferences(const QString& folder);
  void trashRun(const QString& folder);
  void toTrash(const QString& folder, bool just_stopped);
  void moveToTrash(const QString& folder, bool just_stopped, const std::function<void(const QString& place)>& then);
  void takeFromTrash(const QString& folder);
  void knowChanges();
  void takeUp(const QStringList& ticked, const QString& baseline);
  void makePlaceActions();  // main_window_places.cpp
  Place here() const;
  void leavePlace();
  void visitSoon(bool jump);
  void goToPlace(const Place& place);
  void makeProjectActions();  // main_window_project.cpp
  Project project() const;
  void followProject();
  void readSavedProject();
  void takeProject(const QString& folder, const Project& project, const QString& from = {});
  void newProject();
  void leaveProject(const std::function<void()>& then);
  void takeLayout(const QString& name, const QJsonObject& layout);
  void showVersions();
  void remember(const QString& path);
  void fillRecentMenu();
  void connectQueue();
  void connectLooks();
  void connectDetections();
  void makeLanguageActions();  // main_window_language.cpp
  void connectLanguage();
  bool showMoment(const QString& video, double from_seconds, double to_seconds);
  void goToMoment(const QString& video, double from_seconds, double to_seconds);
  void showDock(const char* name);
  void embed();
  void makeExportActions();  // main_window_exports.cpp
  NoticeStrip* shownNotice();
  int chooseExport(const QStringList& names);
  void exportFigure();
  void exportDetections();
  std::vector<class FigureCanvas*> allFigures();
  void newJob(const QString& kind);
  void remakeDemo();
  void showImportReport();
  void showVideoAlone(bool on);  // the video over the whole screen
  void openVideo(const QString& file);
  void makeViewActions();
  void makePinAction();
  QWidget* pinnablePanel() const;  // of the tab that is shown; null when that cannot be pinned
  void makeMenus();
  void connectPanels();
  void connectJobs();  // main_window_jobs.cpp
  void holdQueue();
  void throwAway(const QString& folder);
  void closeWhenStopped();
  void showRun(const QString& folder);
  void showRunBehind(const QString& folder);
  void overlayRuns();
  void tellImported();
  void evaluate();
  void showWelcome(bool on);
  void restoreLayout(const Session& session);
  QByteArray docksNow() const;
  void resetLayout();
  void standardSizes();
  void showStatus();
  void showMachine();  // device and memory
  void retitle();
  void keepSession();
  void keepTalks();  // main_window_language.cpp: when they changed
  void makePanelActions();  // main_window_keys.cpp
  void tipButtons();        // the keys in the tool tips follow those chosen
  void moveBy(int direction, double seconds);
  void stepFrame(int direction);
  void showSettings();
  void showManual();
  void goToPanel(int direction);
  void findInPanel();
  void askForTime();
  void chooseTheme(bool follow_system, ThemeKind kind);
  void takeAll(const std::vector<Dropped>& all);  // main_window_drop.cpp
  void take(const Dropped& dropped, bool is_first);
  void tellDropped(const std::vector<Dropped>& all);
  QString nextStepOf(const std::shared_ptr<const DataFile>& file, std::vector<struct NoticeAction>& actions);
  void dataArrived();
  void dropFailed(const QString& message);
  void importResults(const std::shared_ptr<const DataFile>& file);
  void makeDataset(const std::shared_ptr<const DataFile>& annotations);
  void askForData();
  NoticeStrip* dropNotice();
  QString suggestedData() const;
  QDockWidget* dock(const char* name, const QString& title, QWidget* panel, Qt::DockWidgetArea area);

  Prompts& prompts_;
  Session initial_;
  Workspace* workspace_;
  PanelPins* pins_;
  JobController* controller_;
  CurveStore* store_;
  ActionList* actions_;
  History* history_;
  RunTable* table_ = nullptr;
  FeaturesPanel* features_ = nullptr;
  PyramidPanel* pyramid_ = nullptr;
  AttentionPanel* attention_ = nullptr;
  DetectionPanel* detections_ = nullptr;
  KeyMap chosen_keys_;
  QString language_;            // wanted; in force from the next start on
  struct FormSeen {
    QString preset;
    QJsonObject values;  // option -> text
  };
  FormSeen form_seen_;                    // as the history knows it
  QHash<QString, QString> links_seen_;
  QStringList last_ticked_, overlaid_, recent_;
  QString last_baseline_;
  QString project_;               // its folder; empty: none
  QString project_data_;          // the data set that belongs here, also while it cannot be read
  std::string project_saved_;     // its file
  bool form_changed_ = false;     // the training form, since it was written last
  bool project_changed_ = false;
  Places places_;
  QTimer* place_timer_ = nullptr;
  bool going_to_place_ = false, place_is_jump_ = false;
  QHash<QString, QString> trashed_;  // run folder -> where it lies in the trash
  bool talks_changed_ = false;       // since they were kept
  bool history_changed_ = false;     // since it was kept
  QMenu* recent_menu_;
  VideoFiles* video_files_;
  JobQueue* jobs_;
  JobsPanel* jobs_panel_ = nullptr;
  VideosPanel* videos_ = nullptr;
  SearchPanel* search_ = nullptr;
  ChatPanel* chat_ = nullptr;
  FoundMark* found_mark_ = nullptr;
  VideoPanel* player_ = nullptr;
  RunsPanel* runs_ = nullptr;
  TimelinePanel* timeline_ = nullptr;
  CurvesView* curves_ = nullptr;
  ResultsView* results_ = nullptr;
  CompareView* compare_ = nullptr;
  TrainingPanel* training_ = nullptr;
  InspectorPanel* inspector_panel_ = nullptr;
  LogPanel* log_ = nullptr;
  WelcomePage* welcome_ = nullptr;
  QTabWidget* tabs_ = nullptr;
  QSplitter* split_ = nullptr;
  QStackedWidget* centre_ = nullptr;
  CommandPalette* palette_ = nullptr;
  Exporter* exporter_ = nullptr;
  VideoInspector* video_inspector_ = nullptr;
  QHash<QString, QDockWidget*> docks_;
  double window_bytes_ = 0.0;   // of memory, as last looked; 0: not yet
  QLabel* status_job_ = nullptr;
  QLabel* status_machine_ = nullptr;
  QLabel* status_place_ = nullptr;
  QLabel* status_unsaved_ = nullptr;
  QByteArray standard_docks_;
  std::optional<bool> welcome_shown_;
  bool theme_chosen_ = false;
  QString detach_;              // a run that goes on as a process of its own when the window has closed
  bool closing_ = false;        // close when the job has stopped
  bool confirming_ = false;     // and when the background process has taken the run
  QString cancelled_;           // a run that goes to the trash when it has stopped
  std::function<QString(const QString& run)> go_on_in_background_;
  std::string kept_session_;    // as last written
  bool saves_session_ = true;
  QByteArray before_video_alone_;  // the docks, while the video has the whole screen
  int64_t embed_job_ = 0;       // that makes the vectors of the run shown
  int64_t demo_job_ = 0;        // that makes the demo anew
  std::vector<Dropped> dropped_;  // the last ones, for the import report
  std::optional<QStringList> waiting_drop_;  // what was dropped with the data set that is being opened
  QString opening_drop_;        // that data set
  QString waiting_results_;     // detections that are offered as a run once their data set is open
  QString wanted_video_;        // of the session, until its data set is there
  double wanted_cursor_ = 0.0;
  std::optional<std::pair<double, double>> wanted_seconds_;  // that the timeline shows of it
};

}  // namespace hvlm::ui
