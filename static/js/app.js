import "./htmx.js";
import "./menu.js";
import "./shortcuts.js";
import "./errors-focus.js";
import "./forms.js";
import "./autosave.js";
