// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style/tokens.h"

namespace hvlm::ui {

// Flat panels with one hairline; everything the sheet leaves alone is drawn by Fusion from the palette.
QString styleSheetOf(const Tokens& t, ThemeKind kind, double body_points) {
  QString sheet = QStringLiteral(R"(
QMainWindow::separator { background: @window; width: 6px; height: 6px; }
QMainWindow::separator:hover { background: @accent; }
QSplitter::handle { background: @window; }
QSplitter::handle:hover { background: @accent; }
QMenuBar { background: @raised; border: 0; border-bottom: 1px solid @border; padding: 2px 4px; }
QMenuBar::item { background: transparent; padding: 4px 9px; border-radius: 4px; }
QMenuBar::item:selected { background: @accent; color: @on_accent; }
QMenu { background: @base; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 22px 5px 8px; border-radius: 4px; }
QMenu::item:selected { background: @accent; color: @on_accent; }
QMenu::item:disabled { color: @disabled; background: transparent; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QMenu::icon { padding-left: 6px; }
QStatusBar { background: @raised; border-top: 1px solid @border; }
QStatusBar::item { border: 0; }
QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget::title { background: @window; padding: 6px 8px; text-align: left; font-weight: 500; }
QWidget#panel, QFrame#panel { background: @base; border: 1px solid @border; border-radius: 4px; }
QTabWidget::pane { border: 0; border-top: 1px solid @border; }
QTabBar { qproperty-drawBase: 0; background: transparent; }
QTabBar::tab { background: transparent; color: @muted; padding: 6px 12px; border: 0; border-bottom: 2px solid transparent; }
QTabWidget#compareTabs QTabBar::tab { padding: 5px 8px; }
QTabWidget#centreTabs > QTabBar::tab { padding: 6px 8px; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:focus { color: @accent; }
QTabBar::tab:selected:focus { border: 2px solid @accent; border-radius: 4px; padding: 4px 10px 6px 10px; }
QTabWidget#compareTabs QTabBar::tab:selected:focus { padding: 3px 6px 5px 6px; }
QTabWidget#centreTabs > QTabBar::tab:selected:focus { padding: 4px 6px 6px 6px; }
QHeaderView { background: @base; border: 0; }
QHeaderView::section { background: @base; color: @muted; border: 0; border-bottom: 1px solid @border; padding: 4px 6px; }
QHeaderView::section:vertical { color: @text; border: 0; padding: 0 8px; }
QTableView QTableCornerButton::section { background: @base; border: 0; border-bottom: 1px solid @border; }
QTableView, QTreeView, QListView, QPlainTextEdit { background: @base; border: 1px solid @border; border-radius: 4px; padding: 1px; gridline-color: @grid;
  selection-background-color: @accent; selection-color: @on_accent; }
QTableView::item { padding: 0 5px; }
QTreeView::item { padding: 3px 2px; }
QListView::item { padding: 1px 2px; }
QTableView:focus, QTreeView:focus, QListView:focus, QPlainTextEdit:focus { border: 2px solid @accent; padding: 0; }
QLineEdit, QSpinBox, QComboBox { background: @base; border: 1px solid @border; border-radius: 4px; padding: 3px 6px; min-height: 1.13em;
  selection-background-color: @accent; selection-color: @on_accent; }
QLineEdit:focus, QSpinBox:focus, QComboBox:focus { border: 2px solid @accent; padding: 2px 5px; }
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled { background: @window; color: @disabled; }
QLineEdit[invalid="true"], QSpinBox[invalid="true"] { border: 2px solid @bad; padding: 2px 5px; }
QComboBox::drop-down { border: 0; width: 20px; }
QComboBox::down-arrow { image: url(:/icons/chevron-@theme.svg); width: 10px; height: 10px; }
QComboBox QAbstractItemView { border: 1px solid @border; padding: 2px; outline: 0; }
QCheckBox::indicator { width: 13px; height: 13px; border: 1px solid @muted; border-radius: 3px; background: @base; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(:/icons/check-@theme.svg); }
QCheckBox::indicator:focus { border: 2px solid @accent; }
QCheckBox::indicator:disabled { border-color: @disabled; }
QPushButton { background: @raised; border: 1px solid @border; border-radius: 4px; padding: 4px 10px; min-height: 1.13em; }
QPushButton:hover { border-color: @muted; }
QPushButton:pressed { background: @border; }
QPushButton:focus { border: 2px solid @accent; padding: 3px 9px; }
QPushButton:disabled { color: @disabled; background: @window; }
QPushButton[primary="true"] { background: @accent; color: @on_accent; border-color: @accent; font-weight: 500; }
QPushButton[primary="true"]:focus { border: 2px solid @text; }
QPushButton[primary="true"]:disabled { background: @raised; color: @disabled; border-color: @border; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 4px; }
QToolButton[checkable="true"] { border-color: @border; padding: 4px 8px; }
QToolButton#pinPanelButton { border-color: transparent; padding: 4px; }
QToolButton:hover { background: @raised; border-color: @border; }
QToolButton:pressed { background: @border; }
QToolButton:checked { background: @raised; border: 1px solid @accent; color: @accent; }
QToolButton:focus { border: 2px solid @accent; padding: 3px; }
QToolButton[checkable="true"]:focus { padding: 3px 7px; }
QToolButton#pinPanelButton:focus { border-color: @accent; padding: 3px; }
QToolButton:disabled { color: @disabled; }
QToolButton::menu-indicator { image: none; }
QProgressBar { background: @raised; border: 0; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QScrollArea { border: 0; background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: 0; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 4px; min-height: 28px; min-width: 28px; margin: 1px; }
QScrollBar::handle:hover { background: @disabled; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QToolTip { background: @raised; color: @text; border: 1px solid @border; padding: 4px; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="title"] { font-weight: 500; }
QLabel[role="group"] { color: @muted; font-weight: 500; padding-top: 8px; }
QFrame#notice[level="info"] { background: @raised; border: 1px solid @border; border-left: 3px solid @accent; border-radius: 4px; }
QFrame#notice[level="good"] { background: @raised; border: 1px solid @border; border-left: 3px solid @good; border-radius: 4px; }
QFrame#notice[level="warning"] { background: @raised; border: 1px solid @border; border-left: 3px solid @warning; border-radius: 4px; }
QFrame#notice[level="bad"] { background: @raised; border: 1px solid @border; border-left: 3px solid @bad; border-radius: 4px; }
)");
  const std::pair<const char*, QColor> names[] = {
      {"@window", t.window}, {"@base", t.base}, {"@raised", t.raised}, {"@text", t.text}, {"@muted", t.muted},
      {"@disabled", t.disabled}, {"@border", t.border}, {"@on_accent", t.on_accent}, {"@accent", t.accent},
      {"@good", t.good}, {"@warning", t.warning}, {"@bad", t.bad}, {"@grid", t.grid}};
  if (body_points > 0.0) {
    const auto sized = [body_points](const char* role, double share) {
      return QStringLiteral("QLabel[role=\"%1\"] { font-size: %2pt; }\n").arg(QLatin1String(role)).arg(body_points * share, 0, 'f', 2);
    };
    sheet += sized("title", kTitleSize) + sized("muted", kSmallSize) + sized("group", kSmallSize);
  }
  sheet.replace(QLatin1String("@theme"), themeName(kind));
  for (const auto& [name, colour] : names) sheet.replace(QLatin1String(name), colour.name());
  return sheet;
}

}  // namespace hvlm::ui
