// SPDX-License-Identifier: GPL-3.0-or-later
// hvlm-workbench: the window. Only wires ui and core together; see ui/README.md.
#include <sys/socket.h>
#include <unistd.h>

#include <QApplication>
#include <QCommandLineParser>
#include <QFile>
#include <QSocketNotifier>
#include <QTimer>
#include <csignal>
#include <cstdio>
#include <cerrno>
#include <cstring>
#include <string>

#include "support/error.h"
#include "support/paths.h"
#include "support/version.h"
#include "ui/exports/export_command.h"
#include "ui/exports/export_options.h"
#include "ui/log/log_panel.h"
#include "ui/runs/run_model.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/key_map.h"
#include "ui/shell/prompts.h"
#include "ui/shell/translation.h"
#include "ui/style/class_colours.h"
#include "ui/style/icons.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/training/training_panel.h"
#include "ui/window/demo.h"
#include "ui/window/main_window.h"
#include "ui/window/screenshots.h"

namespace {

using namespace hvlm;
using namespace hvlm::ui;

struct Arguments {
  bool demo = false, safe = false;
  QString data, run, screenshots, language;
  QStringList paths;
  ExportRequest export_request;
  QString picture_problem;
};

// Reads --width, --dpi and --style; what is wrong with them, empty when nothing is.
QString takePicture(const QCommandLineParser& parser, ExportRequest& request) {
  bool good = true;
  if (const QString width = parser.value(QStringLiteral("width")); !width.isEmpty()) {
    request.width_mm = width.toDouble(&good);
    if (!good || request.width_mm < kLeastWidthMm || request.width_mm > kMostWidthMm) return QStringLiteral("--width: expected 20 to 1000 mm, found %1").arg(width);
  }
  if (const QString dpi = parser.value(QStringLiteral("dpi")); !dpi.isEmpty()) {
    request.dpi = dpi.toInt(&good);
    if (!good || request.dpi < kLeastDpi || request.dpi > kMostDpi) return QStringLiteral("--dpi: expected 36 to 1200, found %1").arg(dpi);
  }
  if (const QString style = parser.value(QStringLiteral("colours")); !style.isEmpty()) {
    request.style = themeNamed(style);
    if (themeName(request.style) != style) return QStringLiteral("--style: expected light, dark or contrast, found %1").arg(style);
  }
  return {};
}

Arguments parse(const QApplication& application) {
  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral("Train, evaluate and look into models of long video."));
  parser.addHelpOption();
  parser.addVersionOption();
  const auto option = [&](const char* name, const char* help, const char* value = nullptr) {
    parser.addOption(QCommandLineOption(QLatin1String(name), QLatin1String(help), value ? QLatin1String(value) : QString()));
  };
  option("demo", "Open the demo: a finished run with its videos.");
  option("data", "Open a data set.", "dataset.yaml");
  option("run", "Show and follow a run. With --export reproduction: the folder that hvlm reproduce wrote.", "DIR");
  option("language", "Language of the window: en or de; left out, as chosen before, else like the system.", "CODE");
  option("safe", "Start plain: no saved layout, nothing reopened, nothing saved.");
  option("doctor", "Print versions, codecs, threads, device and folders, as hvlm doctor does, then quit.");
  option("screenshots", "Save a picture of each panel on the given run (or the finished demo), then quit.", "DIR");
  option("export", "Write a file without a window: table, curves, timeline, pyramid, icicle, tree, similarity, attention-history, attention-pair, map, map-tsne, confusion, reliability, classes, detection, precision-recall, tiou, errors, videos, faults, clip, parallel, reproduction or page.", "WHAT");
  option("format", "csv, md, tex; svg, pdf, png", "F");
  option("figure", "The figure of --export reproduction: collapse, main, ablation or efficiency; of page what stands on it, with commas.", "NAME");
  option("video", "The video of --export timeline, pyramid, icicle, tree, similarity, attention-history and clip.", "ID");
  option("out", "The file of --export.", "FILE");
  option("other", "The run beside --run of --export attention-pair.", "DIR");
  option("width", "Width of an exported picture in millimetres, 20 to 1000; left out, the usual one.", "MM");
  option("dpi", "Dots an inch of an exported PNG, 36 to 1200 [300].", "N");
  option("colours", "Colours of an exported picture: light, dark or contrast [light]; --style with --export is the same.", "NAME");
  option("threads", "Compute threads; 0 takes all cores.", "N");
  parser.addPositionalArgument(QStringLiteral("path"), QStringLiteral("A dataset.yaml, a video or a folder of them, a run folder, a folder of runs, or a reproduction (a folder with tables.json)."), QStringLiteral("[path…]"));
  parser.process(application);
  Arguments a;
  a.demo = parser.isSet(QStringLiteral("demo"));
  a.safe = parser.isSet(QStringLiteral("safe"));
  a.data = parser.value(QStringLiteral("data"));
  a.language = parser.value(QStringLiteral("language"));
  a.run = parser.value(QStringLiteral("run"));
  a.screenshots = parser.value(QStringLiteral("screenshots"));
  a.paths = parser.positionalArguments();
  a.export_request = {parser.value(QStringLiteral("export")), parser.value(QStringLiteral("format")), a.run, a.data,
                      parser.value(QStringLiteral("video")), parser.value(QStringLiteral("out")),
                      parser.value(QStringLiteral("threads")).toLongLong(), parser.value(QStringLiteral("figure"))};
  a.export_request.other = parser.value(QStringLiteral("other"));
  a.picture_problem = takePicture(parser, a.export_request);
  return a;
}

int exportOnly(const ExportRequest& request) {
  if (request.format.isEmpty() || request.run.isEmpty() || request.out.isEmpty()) {
    std::fprintf(stderr, "hvlm-workbench: --export needs --format, --run and --out\n");
    return 2;
  }
  try {
    for (const QString& told : exportFile(request)) std::printf("left out: %s\n", qPrintable(told));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hvlm-workbench: %s\n", error.what());
    return 1;
  }
}

int screenshotsOnly(const Arguments& a) {
  DialogPrompts prompts;
  MainWindow window(prompts, Session{});
  window.saveSessionOnClose(false);
  try {
    QString run = a.run, dataset = a.data;
    if (run.isEmpty()) {
      const DemoPlace demo = prepareDemo();
      run = demo.run;
      dataset = demo.dataset;
    }
    window.resize(1280, 800);
    window.show();
    window.runs().addFolder(run);
    if (!dataset.isEmpty()) window.openData(dataset);
    window.openRun(run);
    for (const QString& other : a.paths) window.runs().addFolder(other);
    window.runs().model()->setTicked(a.paths);  // beside it, once they are listed
    for (const QString& file : takeScreenshots(window, a.screenshots)) std::printf("%s\n", qPrintable(file));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hvlm-workbench: %s\n", error.what());
    return 1;
  }
}

// SIGINT, SIGTERM and SIGHUP end the program as closing the window does, with a running job stopped and kept.
int g_signal_pipe[2] = {-1, -1};
void onSignal(int) {
  const char byte = 1;
  const ssize_t written = ::write(g_signal_pipe[0], &byte, 1);
  (void)written;
}
void closeOnSignals(MainWindow& window) {
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, g_signal_pipe) != 0) return;
  auto* notifier = new QSocketNotifier(g_signal_pipe[1], QSocketNotifier::Read, &window);
  QObject::connect(notifier, &QSocketNotifier::activated, &window, [&window] {
    char bytes[16];
    const ssize_t taken = ::read(g_signal_pipe[1], bytes, sizeof bytes);
    if (taken > 0) window.stopAndClose();
  });
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, onSignal);
}

bool asksFor(int argc, char** argv, const char* option) {
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], option, std::strlen(option)) == 0) return true;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  bool no_window = false;
  for (const char* option : {"--export", "--screenshots", "--doctor", "--help", "-h", "--version", "-v"}) no_window = no_window || asksFor(argc, argv, option);
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
    if (no_window) {
      qputenv("QT_QPA_PLATFORM", "offscreen");
    } else if (qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY")) {
      std::fprintf(stderr, "hvlm-workbench: expected a display (DISPLAY or WAYLAND_DISPLAY), found none. Use hvlm, or --export and --screenshots, which need none.\n");
      return 1;
    }
  }
  if (asksFor(argc, argv, "--doctor")) {  // the same program beside this one says it, without a display
    const std::string doctor = (executableFolder() / "hvlm").string();
    execl(doctor.c_str(), doctor.c_str(), "doctor", static_cast<char*>(nullptr));
    std::fprintf(stderr, "hvlm-workbench: %s cannot be started: %s\n", doctor.c_str(), std::strerror(errno));
    return 1;
  }
  // Qt takes --style for the look of widgets; with --export it is the picture's.
  static char colours[] = "--colours";
  for (int i = 1; i < argc && asksFor(argc, argv, "--export"); ++i) {
    if (std::strcmp(argv[i], "--style") == 0) argv[i] = colours;
    if (std::strncmp(argv[i], "--style=", 8) == 0) {
      static std::string with_value;
      with_value = std::string(colours) + (argv[i] + 7);
      argv[i] = with_value.data();
    }
  }
  QApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("hvlm-workbench"));
  QApplication::setApplicationVersion(qText(versionText()));
  QApplication::setDesktopFileName(QStringLiteral("hvlm-workbench"));
  initResources();
  const Arguments a = parse(application);
  const ThemeKind system = Theme::instance().systemKind();
  if (!a.language.isEmpty() && languageFor(a.language) != a.language) {
    std::fprintf(stderr, "hvlm-workbench: --language: expected en%s, found %s\n", languages().isEmpty() ? "" : " or de", qPrintable(a.language));
    return 2;
  }
  if (!a.export_request.what.isEmpty()) {
    if (!a.picture_problem.isEmpty()) {
      std::fprintf(stderr, "hvlm-workbench: %s\n", qPrintable(a.picture_problem));
      return 2;
    }
    Theme::instance().install(application, ThemeKind::kLight);
    return exportOnly(a.export_request);
  }
  if (!a.screenshots.isEmpty()) {
    useLanguage(a.language.isEmpty() ? QStringLiteral("en") : a.language);
    Theme::instance().install(application, ThemeKind::kLight);
    return screenshotsOnly(a);
  }
  QStringList problems;
  const auto reading = [&problems](const auto& read) {
    QString problem;
    auto result = read(&problem);
    if (!problem.isEmpty()) problems.append(problem);
    return result;
  };
  Session session = a.safe ? Session{} : reading([](QString* problem) { return loadSession(sessionFile(), problem); });  // before there is a window to wait
  const bool crashed = !a.safe && leftOpen(openMarkFile());
  const KeptTimes kept = crashed ? keptTimes() : KeptTimes{};
  const bool asked = a.demo || !a.data.isEmpty() || !a.run.isEmpty() || !a.paths.isEmpty();
  QString preset = session.preset, copied;
  try {
    if (crashed && asked) copied = copySession();  // what is asked for takes its place without a question
    if (!QFile::exists(preset)) preset = qText(bundled("configs/quick.yaml"));  // what a newcomer trains with; any other config is one button away
    if (!a.safe) setOpenMark(openMarkFile());
  } catch (const InputError& error) {
    problems.append(qText(error.what()));
  }
  if (!a.language.isEmpty()) session.language = a.language;
  useLanguage(languageFor(session.language));
  if (!session.theme_chosen) session.theme = system;
  const KeyMap keys = a.safe ? KeyMap{} : reading([](QString* problem) { return loadKeyMap(keyMapFile(), problem); });
  if (!a.safe) setClassColours(reading([](QString* problem) { return loadClassColours(classColoursFile(), problem); }));
  Theme::instance().install(application, session.theme);
  DialogPrompts prompts;
  MainWindow window(prompts, session);
  window.useKeys(keys);
  window.saveSessionOnClose(!a.safe);
  window.show();
  closeOnSignals(window);
  for (const QString& problem : std::as_const(problems)) window.log().add(LogLevel::kWarning, problem);
  if (!copied.isEmpty()) window.log().add(LogLevel::kInfo, MainWindow::tr("The window was not closed last time; what was open is kept as %1").arg(copied));
  QTimer::singleShot(0, &window, [&] {
    const bool take_up = !crashed || asked || window.mayTakeUp(session, kept);
    if (a.safe || !take_up) window.training().loadConfigFile(preset);
    else window.training().takeUp(preset, qText(formFile()));
    if (a.demo) window.openDemo();
    if (!a.data.isEmpty()) window.openData(a.data);
    if (!a.run.isEmpty()) window.openRuns(a.run);
    for (const QString& path : a.paths) window.openPath(path);
    if (!asked && !a.safe && take_up) window.restore(session);
    if (!a.safe && take_up) {
      window.restoreHistory();
      window.restoreTalks();
    }
  });
  const int code = QApplication::exec();
  if (!a.safe) removeOpenMark(openMarkFile());
  return code;
}
