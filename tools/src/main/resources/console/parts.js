// What the page is built of. Text reaches the document as text nodes alone, never as markup: names of keys are data
// that anybody may have written.

export const byId = (id) => document.getElementById(id);

/** An element with a class, properties and children, which are elements or texts. */
export function el(tag, className = "", children = [], properties = {}) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  for (const child of [children].flat()) {
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return Object.assign(element, properties);
}

/** Sets a text, and touches the document only if it is another. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** A bar filled to `share`, from 0 to 1. */
export function bar(share, className = "") {
  const fill = el("i");
  fill.style.width = (Math.min(1, Math.max(0, share)) * 100).toFixed(1) + "%";
  return el("span", "bar " + className, [fill]);
}

/**
 * A table that is brought up to date in place: rows that stay the same are not touched, so that what a person has
 * selected stays selected. A column is {title, hint, number, cell(row)}, where cell gives a text or an element.
 */
export class Table {
  #columns;
  #key;
  #body = el("tbody");
  #rows = new Map();
  #empty;

  constructor(holder, columns, key, empty) {
    this.#columns = columns;
    this.#key = key;
    this.#empty = el("p", "empty", [empty]);
    const heads = columns.map((column) =>
      el("th", column.number ? "number" : "", [column.title], { scope: "col", title: column.hint ?? "" }));
    holder.replaceChildren(el("table", "", [el("thead", "", [el("tr", "", heads)]), this.#body]), this.#empty);
  }

  show(rows) {
    const seen = new Set();
    let before = null;
    for (const row of rows) {
      const key = String(this.#key(row));
      const print = JSON.stringify(row);
      let known = this.#rows.get(key);
      if (!known) {
        known = { line: el("tr"), print: null };
        this.#rows.set(key, known);
      }
      if (known.print !== print) {
        known.print = print;
        known.line.replaceChildren(...this.#columns.map((column) =>
          el("td", column.number ? "number" : column.className ?? "", [column.cell(row)])));
      }
      const place = before ? before.nextSibling : this.#body.firstChild;
      if (place !== known.line) {
        this.#body.insertBefore(known.line, place);
      }
      before = known.line;
      seen.add(key);
    }
    for (const [key, known] of this.#rows) {
      if (!seen.has(key)) {
        known.line.remove();
        this.#rows.delete(key);
      }
    }
    this.#empty.hidden = rows.length > 0;
    this.#body.parentElement.hidden = rows.length === 0;
  }
}
