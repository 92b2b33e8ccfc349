// What one writes on: the nodes and marks of portal/drafting/nodes.py and no others, bound to the shared document.
import { Editor, Extension } from "@tiptap/core";
import Blockquote from "@tiptap/extension-blockquote";
import Bold from "@tiptap/extension-bold";
import Collaboration from "@tiptap/extension-collaboration";
import Document from "@tiptap/extension-document";
import HardBreak from "@tiptap/extension-hard-break";
import Heading from "@tiptap/extension-heading";
import Italic from "@tiptap/extension-italic";
import Link from "@tiptap/extension-link";
import { BulletList, ListItem, OrderedList } from "@tiptap/extension-list";
import Paragraph from "@tiptap/extension-paragraph";
import Text from "@tiptap/extension-text";
import { yCursorPlugin, yDocToProsemirrorJSON, ySyncPluginKey } from "@tiptap/y-tiptap";
import * as Y from "yjs";

const BODY = "body";
const WRITTEN_IN = ["paragraph", "heading"];

const PlainLink = Link.extend({
  addAttributes() {
    return { href: { default: null } };
  },
}).configure({ openOnClick: false, autolink: true, HTMLAttributes: { target: null, rel: null, class: null } });

export function surface(element, doc, awareness) {
  const { labelledby, lang } = element.dataset;
  const editor = new Editor({
    element,
    injectCSS: false,
    content: yDocToProsemirrorJSON(doc, BODY), // as it is bound a moment later, so that the cursor begins in a place that there is
    extensions: [
      Document,
      Paragraph,
      Text,
      Heading.configure({ levels: [3, 4] }),
      Bold,
      Italic,
      PlainLink,
      BulletList,
      OrderedList,
      ListItem,
      HardBreak,
      Blockquote,
      Collaboration.configure({ document: doc, field: BODY, yUndoOptions: { trackedOrigins: [bringText] } }),
      cursors(awareness),
    ],
    editorProps: { attributes: { role: "textbox", "aria-multiline": "true", "aria-labelledby": labelledby, lang } },
  });
  keepPlace(editor, doc);
  bringText(doc);
  return editor;
}

// When others' changes come, y-tiptap (3.0.6 to 3.0.9 at least) seeks the cursor's paragraph by what it says, and takes one that looks alike for it: who had
// begun an empty one went on writing in somebody else's. The document itself knows the place; without the counted one beside it nothing is sought.
function keepPlace(editor, doc) {
  const { binding } = ySyncPluginKey.getState(editor.state);
  doc.on("beforeAllTransactions", () => Object.assign(binding.beforeTransactionSelection ?? {}, { absAnchor: null, absHead: null }));
}

// An empty paragraph has its text from the beginning, as those have that the server makes. Else each of two who begin in it at the same moment
// brings one, and y-tiptap then writes the second anew at the end of the first: what is typed meanwhile is lost, or stands there twice. It is part of what
// one has done, since undoing leaves a paragraph that holds somebody else's text.
function bringText(doc) {
  doc.getXmlFragment(BODY).observeDeep((events, { origin }) => {
    if (origin !== ySyncPluginKey) return;
    const changed = events.filter(({ target }) => !(target instanceof Y.XmlText));
    const added = changed.flatMap(({ changes }) => [...changes.added].flatMap(({ content }) => content.getContent()));
    const empty = added.flatMap(withoutText);
    if (empty.length) doc.transact(() => empty.forEach((each) => each.insert(0, [new Y.XmlText()])), bringText);
  });
}

function withoutText(type) {
  if (!(type instanceof Y.XmlElement)) return [];
  if (WRITTEN_IN.includes(type.nodeName)) return type.length ? [] : [type];
  return type.toArray().flatMap(withoutText);
}

function cursors(awareness) {
  return Extension.create({
    name: "cursors",
    addProseMirrorPlugins() {
      return [yCursorPlugin(awareness, { cursorBuilder: caret, selectionBuilder: ({ colour }) => ({ class: `selected of-${colour}` }) })];
    },
  });
}

function caret({ name, colour }) {
  const mark = document.createElement("span");
  mark.className = `caret of-${colour}`;
  mark.setAttribute("aria-hidden", "true"); // who writes here is told below the text
  const label = document.createElement("span");
  label.textContent = name;
  mark.append(label);
  return mark;
}
