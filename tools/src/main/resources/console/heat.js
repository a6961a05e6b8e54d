// The key visualizer: the key space from top to bottom, time from left to right, and how much was done as light.

import { byId, el, setText } from "./parts.js";
import { bytes, clock, short } from "./format.js";

const HEIGHT = 384;
const LABEL_HEIGHT = 16;
const TICKS_MAX = 7;

// From nothing to the most: of the ground, then embers, honey, and light.
const DARK = [[20, 18, 15], [58, 28, 44], [132, 42, 52], [201, 86, 36], [240, 160, 48], [253, 226, 140], [255, 252, 232]];
const LIGHT = [[250, 247, 240], [252, 233, 190], [248, 200, 106], [232, 146, 42], [196, 84, 32], [138, 34, 44], [70, 12, 40]];

export const METRICS = {
  commands: { name: "reads and writes", show: (rate) => short(rate) + "/s" },
  reads: { name: "reads", show: (rate) => short(rate) + " reads/s" },
  writes: { name: "writes", show: (rate) => short(rate) + " writes/s" },
  readBytes: { name: "bytes read", show: (rate) => bytes(Math.round(rate)) + "/s" },
  writtenBytes: { name: "bytes written", show: (rate) => bytes(Math.round(rate)) + "/s" },
};

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
}

function colour(ramp, share) {
  const place = Math.min(1, Math.max(0, share)) * (ramp.length - 1);
  const from = ramp[Math.floor(place)];
  const to = ramp[Math.min(ramp.length - 1, Math.floor(place) + 1)];
  const part = place - Math.floor(place);
  return "rgb(" + from.map((tone, i) => Math.round(tone + (to[i] - tone) * part)).join(",") + ")";
}

/** Where a rate stands between nothing and the most: by orders of magnitude, so that the warm is seen beside the hot. */
function share(rate, most) {
  return most <= 0 ? 0 : Math.log1p(rate * 10) / Math.log1p(most * 10);
}

const slots = (row) => (row.firstSlot === row.lastSlot ? "slot " + row.firstSlot
  : "slots " + row.firstSlot + "–" + row.lastSlot);

export class HeatMap {
  #holder;
  #canvas = el("canvas");
  #labels = el("div", "heat-labels");
  #axis = el("div", "heat-axis");
  #tip = el("div", "heat-tip");
  #note = el("p", "dim heat-note");
  #legend = el("span", "legend");
  #map = null;
  #metric = "commands";
  #answeredAt = 0;

  constructor(holder, legend) {
    this.#holder = holder;
    this.#legend = legend;
    const field = el("div", "heat-field", [this.#canvas, this.#tip]);
    holder.append(el("div", "heat", [this.#labels, field, el("span"), this.#axis]), this.#note);
    this.#tip.hidden = true;
    this.#canvas.addEventListener("mousemove", (event) => this.#point(event));
    this.#canvas.addEventListener("mouseleave", () => (this.#tip.hidden = true));
    new ResizeObserver(() => this.draw()).observe(field);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  show(map, metric) {
    this.#map = map;
    this.#metric = metric;
    this.#answeredAt = Date.now();
    this.draw();
  }

  #rate(column, row) {
    return this.#map.values[column][row] / (this.#map.columns[column].millis / 1000);
  }

  /** What is drawn, in ms: not more than is known, but for the first minutes. */
  #span() {
    return Math.min(this.#map.minutes * 60000, Math.max(120000, this.#map.sinceMillisAgo));
  }

  /** Where a time stands from left to right, from 0 to 1. */
  #place(millisAgo) {
    return 1 - millisAgo / this.#span();
  }

  draw() {
    const map = this.#map;
    const width = this.#canvas.parentElement.clientWidth;
    if (!map || width === 0) {
      return;
    }
    const ramp = isDark() ? DARK : LIGHT;
    const scale = devicePixelRatio || 1;
    const canvas = this.#canvas;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(HEIGHT * scale);
    const pen = canvas.getContext("2d");
    pen.fillStyle = colour(ramp, 0);
    pen.fillRect(0, 0, canvas.width, canvas.height);
    const most = Math.max(0, ...map.columns.map((_, column) =>
      Math.max(...map.rows.map((_, row) => this.#rate(column, row)))));
    const rowTop = (row) => Math.round((row / map.rows.length) * canvas.height);
    map.columns.forEach((column, i) => {
      const left = Math.round(this.#place(column.endedMillisAgo + column.millis) * canvas.width);
      const right = Math.round(this.#place(column.endedMillisAgo) * canvas.width);
      map.rows.forEach((_, row) => {
        const rate = this.#rate(i, row);
        if (rate > 0) {
          pen.fillStyle = colour(ramp, 0.08 + 0.92 * share(rate, most));
          pen.fillRect(left, rowTop(row), Math.max(1, right - left), rowTop(row + 1) - rowTop(row));
        }
      });
    });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "Heat map of " + METRICS[this.#metric].name + " by key and time, at most "
      + METRICS[this.#metric].show(most));
    this.#drawLegend(ramp, most);
    this.#drawLabels();
    this.#drawAxis();
    this.#drawNote();
  }

  #drawLegend(ramp, most) {
    const steps = Array.from({ length: 24 }, (_, i) => {
      const step = el("i");
      step.style.background = colour(ramp, i / 23);
      return step;
    });
    this.#legend.replaceChildren("0", el("span", "ramp", steps), METRICS[this.#metric].show(most));
  }

  /** A label each where there is room, with a key that was used there if one is known. */
  #drawLabels() {
    const rows = this.#map.rows;
    const every = Math.ceil(LABEL_HEIGHT / (HEIGHT / rows.length));
    const sums = rows.map((_, row) => this.#map.values.reduce((sum, column) => sum + column[row], 0));
    const labels = [];
    for (let i = 0; i < rows.length; i += every) {
      let row = rows[i]; // the warmest of which a key is known
      let warmth = -1;
      for (let at = i; at < Math.min(i + every, rows.length); at++) {
        if (rows[at].key && sums[at] > warmth) {
          row = rows[at];
          warmth = sums[at];
        }
      }
      const text = row.key ? row.key : "slot " + row.firstSlot;
      const label = el("span", row.key ? "" : "dim", [text], { title: slots(row) + (row.key ? " · " + row.key : "") });
      label.style.top = (((i + every / 2) / rows.length) * HEIGHT - LABEL_HEIGHT / 2).toFixed(1) + "px";
      labels.push(label);
    }
    this.#labels.replaceChildren(...labels);
  }

  #drawAxis() {
    const ticks = [];
    for (let i = 0; i < TICKS_MAX; i++) {
      const part = i / (TICKS_MAX - 1);
      const tick = el("span", "", [clock(new Date(this.#answeredAt - (1 - part) * this.#span())).slice(0, this.#span() < 600000 ? 8 : 5)]);
      tick.style.left = (part * 100).toFixed(2) + "%";
      ticks.push(tick);
    }
    this.#axis.replaceChildren(...ticks);
  }

  #drawNote() {
    const since = new Date(this.#answeredAt - this.#map.sinceMillisAgo);
    const whole = this.#map.sinceMillisAgo >= this.#map.minutes * 60000;
    setText(this.#note, (whole ? "" : "Nothing older is known. ")
      + "The history is in the memory of the placement driver's leader, who has led since " + since.toLocaleString()
      + " (term " + this.#map.placementTerm + "); who leads next begins anew. Rows are slots, cold neighbours share one; "
      + "a command counts where its first key is.");
  }

  #point(event) {
    const map = this.#map;
    const box = this.#canvas.getBoundingClientRect();
    const row = Math.min(map.rows.length - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * map.rows.length)));
    const millisAgo = (1 - (event.clientX - box.left) / box.width) * this.#span();
    const column = map.columns.findIndex((one) => millisAgo >= one.endedMillisAgo && millisAgo < one.endedMillisAgo + one.millis);
    const what = map.rows[row];
    const end = new Date(this.#answeredAt - millisAgo);
    const lines = [el("strong", "", [column < 0 ? "not known" : METRICS[this.#metric].show(this.#rate(column, row))]),
      el("span", "", [slots(what) + " · range " + what.range])];
    if (what.key) {
      lines.push(el("code", "", [what.key]));
    }
    lines.push(el("span", "dim", [clock(column < 0 ? end : new Date(this.#answeredAt - map.columns[column].endedMillisAgo
      - map.columns[column].millis)) + (column < 0 ? "" : " for " + Math.round(map.columns[column].millis / 1000) + " s")]));
    this.#tip.replaceChildren(...lines);
    this.#tip.hidden = false;
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    this.#tip.style.left = (x > box.width - 280 ? x - this.#tip.offsetWidth - 14 : x + 14) + "px";
    this.#tip.style.top = Math.min(Math.max(0, y - 20), HEIGHT - this.#tip.offsetHeight) + "px";
  }
}
