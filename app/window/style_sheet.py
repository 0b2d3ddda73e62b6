"""The style sheet; its colours are filled in from the theme."""

from __future__ import annotations

from string import Template
from typing import Final

STYLE: Final = Template("""
* { outline: none; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 5px 7px; }
#topBar, #card { background: $surface; }
#topBar { border-bottom: 1px solid $line; }
#card { border: 1px solid $line; border-radius: 8px; }
#cardTitle { color: $muted; font-weight: 600; }
#muted { color: $muted; }
#problem { color: $stop_hover; font-weight: 600; }
#headline { font-size: 15pt; font-weight: 600; }
#readout { font-size: 13pt; }
#paneTitle { font-weight: 600; }

QMenuBar { background: transparent; }
QMenuBar::item { padding: 6px 8px; border-radius: 5px; }
QMenuBar::item:selected { background: $raised; }
QMenu { background: $raised; border: 1px solid $line; padding: 5px; }
QMenu::item { padding: 6px 28px 6px 14px; border-radius: 4px; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 5px 8px; }

QPushButton, QToolButton {
    background: $raised; color: $text; border: 1px solid $line; border-radius: 6px;
    padding: 6px 12px;
}
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $line; }
QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus,
QAbstractSpinBox:focus { border-color: $accent; }
QPushButton:disabled, QToolButton:disabled { color: $faint; background: $surface; }
QToolButton:checked { color: $accent; border-color: $accent; }
QToolButton:checked:focus { border-color: $text; }
QToolButton#quiet { background: transparent; border-color: transparent; padding: 3px 7px; }
QToolButton#quiet:hover { background: $raised; }
QToolButton#quiet:checked { color: $accent; }
QToolButton#quiet:focus { border-color: $accent; }
QToolButton[popupMode="2"] { padding-right: 24px; }
QToolButton#tool { padding: 6px 2px; }
QToolButton#pad { padding: 0; font-size: 12pt; }
QToolButton#page { background: transparent; border: none; border-radius: 6px; padding: 7px 9px;
    color: $muted; font-weight: 600; }
QToolButton#page:hover { background: $raised; }
QToolButton#page:checked { background: $raised; color: $text; }
QToolButton#page:focus { border: 1px solid $accent; padding: 6px 8px; }
QToolButton#tab { background: transparent; border: none; border-radius: 6px; padding: 6px 4px;
    color: $muted; font-weight: 600; }
QToolButton#tab:hover { background: $raised; }
QToolButton#tab:checked { background: $surface; color: $text; border-bottom: 2px solid $accent; }
QToolButton#tab:focus { border: 1px solid $accent; }
QPushButton#primary { background: $accent; color: $on_accent; border: none; font-size: 13pt;
    font-weight: 700; border-radius: 8px; }
QPushButton#primary:hover { background: $accent_hover; }
QPushButton#primary:focus { border: 2px solid $text; }
QPushButton#primary:disabled { background: $raised; color: $faint; }
QPushButton#stop { background: $stop; color: $on_stop; border: 2px solid $stop; font-size: 15pt;
    font-weight: 800; border-radius: 8px; padding: 0 18px; }
QPushButton#stop:hover { background: $stop_hover; }
QPushButton#stop:pressed { background: $stop_pressed; }
QPushButton#stop:focus { border-color: $on_stop; }

QComboBox, QLineEdit, QAbstractSpinBox { background: $background; color: $text;
    border: 1px solid $line;
    border-radius: 6px; padding: 4px 8px; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { border: none; padding: 0;
    background: transparent; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; border: none; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow { width: 0; height: 0; border-left: 4px solid $background;
    border-right: 4px solid $background; border-top: 5px solid $muted; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line;
    selection-background-color: $hover; }
QPlainTextEdit { background: $background; border: 1px solid $line; border-radius: 6px;
    padding: 2px 4px; }
QPlainTextEdit:focus { border-color: $accent; }
QSlider::groove:horizontal { height: 4px; background: $line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::sub-page:horizontal:disabled { background: $line; }
QSlider::handle:horizontal { background: $text; width: 14px; margin: -5px 0; border-radius: 7px; }
QSlider::handle:horizontal:focus { background: $accent; }
QSlider::handle:horizontal:disabled { background: $faint; }
QProgressBar { background: $background; border: none; border-radius: 3px; height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QScrollBar:vertical { background: transparent; width: 10px; }
QScrollBar::handle:vertical { background: $hover; border-radius: 5px; min-height: 30px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; }

#noticeError { background: $error_surface; border-bottom: 1px solid $stop; }
#noticeQuestion { background: $question_surface; border-bottom: 1px solid $accent; }
#noticeTitle { font-weight: 600; }

QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px;
    border: 1px solid $muted; background: $background; }
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 7px; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked { background: $accent;
    border-color: $accent; }
QToolButton::menu-indicator, QPushButton::menu-indicator { subcontrol-origin: padding;
    subcontrol-position: right center; right: 6px; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QDialog { background: $background; border: 1px solid $line; }
QFileDialog QToolButton { padding: 4px; }
QTableView, QListView, QTreeView { background: $surface; alternate-background-color: $background;
    border: 1px solid $line; border-radius: 6px; gridline-color: $line;
    selection-background-color: $hover; selection-color: $text; }
QTableView:focus, QListView:focus, QTreeView:focus { border-color: $accent; }
QTableView::item { padding: 0 8px; }
QHeaderView::section { background: $raised; color: $muted; border: none;
    border-right: 1px solid $line; padding: 5px 8px; }
QListView::item, QTreeView::item { padding: 4px 6px; }
QTabWidget::pane { border: 1px solid $line; border-radius: 6px; }
QTabBar::tab { background: transparent; color: $muted; padding: 7px 14px; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 3px; }
QSplitter::handle:vertical { height: 3px; }
QScrollBar:horizontal { background: transparent; height: 10px; }
QScrollBar::handle:horizontal { background: $hover; border-radius: 5px; min-width: 30px; }
#keyCap { background: $raised; color: $text; border: 1px solid $line; border-radius: 4px;
    padding: 1px 6px; }
#good { color: $good; }
#warning { color: $warning; }
#wrong { color: $stop; }
""")
