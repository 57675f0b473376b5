"""How the screen is laid out: two columns where there is room, one above the other in 80 by 24."""

from __future__ import annotations

CSS = """
Screen { layers: base over; }
#head { height: 1; background: $panel; padding: 0 1; }
#find { height: 1; display: none; }
#find.-on { display: block; }
#verbs { height: auto; min-height: 2; max-height: 3; padding: 0 1; background: $panel; }
#foot { height: 1; padding: 0 1; background: $panel-darken-1; }

Rows, .pane {
    border: none; border-top: solid $primary-darken-2; border-title-color: $text-muted;
    border-title-style: bold; padding: 0; height: 1fr; background: $background;
}
Rows:focus, .pane:focus { border: none; border-top: heavy $accent; border-title-color: $text-accent; }
.pane { padding: 0 1; scrollbar-size-vertical: 1; }
Rows { scrollbar-size-vertical: 1; overflow-x: hidden; padding: 0 1; }
Rows > .option-list--option { padding: 0; }
Rows > .option-list--option-highlighted { background: $panel; text-style: bold; }
Rows:focus > .option-list--option-highlighted { background: $primary; color: $text; text-style: bold; }
Rows > .option-list--option-disabled { color: $text-warning; }

Rows:nocolor:focus > .option-list--option-highlighted, OptionList:nocolor > .option-list--option-highlighted {
    text-style: reverse; }
Rows:nocolor > .option-list--option-highlighted { text-style: underline; }
Input:nocolor:focus, Input.-textual-compact:nocolor:focus, Marks:nocolor:focus { text-style: underline; }

#panes { layout: grid; height: 1fr; grid-gutter: 0; }
.-narrow #panes { grid-size: 2; grid-columns: 2fr 1fr; grid-rows: 6 1fr 8; }
.-narrow.-low #panes { grid-rows: 4 1fr 5; }
.-narrow #orders { column-span: 2; }
.-narrow #order, .-narrow #why { column-span: 2; }
.-narrow #why { display: none; }
.-narrow.-why #order { display: none; }
.-narrow.-why #why { display: block; }
.-wide #panes { grid-size: 2; grid-columns: 1fr 1fr; grid-rows: 14 3fr 2fr; }
.-wide #orders { row-span: 2; }
.-narrow.-zoom #due, .-narrow.-zoom #hands, .-narrow.-zoom #orders { display: none; }
.-narrow.-zoom #panes { grid-rows: 1fr; }

Form, Told, Choose, Help { align: center middle; }
.box { width: 76; max-width: 100%; height: auto; max-height: 100%; border: round $primary; padding: 0 1;
    background: $surface; border-title-style: bold; }
.box > .fields { height: auto; max-height: 17; scrollbar-size-vertical: 1; }
.field { height: auto; layout: horizontal; }
.field > .label { width: 21; height: 1; color: $text-muted; }
.field > .label.-lacking { color: $text-error; text-style: bold reverse; }
.field > Input, .field > Marks, .field > Picker { width: 1fr; }
.field Input { height: 1; border: none; padding: 0; background: $panel; }
.field Input:focus { background: $primary-background; }
.field Input.-textual-compact:focus { background: $primary-background; text-style: none; }
Marks { height: auto; background: $panel; }
Marks:focus { background: $primary-background; }
Picker { height: auto; }
Picker OptionList { height: auto; max-height: 5; border: none; padding: 0 0 0 2; scrollbar-size-vertical: 1; }
.said { height: auto; color: $text-error; }
.said.-calm { color: $text-muted; }
.hint { height: 1; color: $text-muted; }
Choose OptionList { height: auto; max-height: 14; border: none; }
Help .box { max-height: 100%; width: 78; }
Help VerticalScroll { height: auto; max-height: 20; scrollbar-size-vertical: 1; }

Intake { layout: vertical; }
Intake #asked { height: 1fr; scrollbar-size-vertical: 1; }
Intake #known { scrollbar-size-vertical: 1; border-top: solid $primary-darken-2; padding: 0 1; height: 9;
    border-title-style: bold; }
.-wide #halves { layout: horizontal; }
.-wide #known { width: 1fr; height: 1fr; }
.-wide #asked { width: 1fr; padding: 0 1; }
#halves { height: 1fr; padding: 0 1; }
"""
