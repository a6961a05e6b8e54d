// The page: asks /ctl/overview once a second while somebody looks, and shows what it says.

import { HeatMap, METRICS } from "./heat.js";
import { bar, byId, el, setText, Table } from "./parts.js";
import { bytes, clock, count, short, span } from "./format.js";

const POLL_MILLIS = 1000;
const ANSWER_MILLIS_MAX = 15000;
const STALE_MILLIS = 3500;
const RANGES_PER_PAGE = 100;
const HEAT_MILLIS = 5000;
const HEAT_ROWS = 192;

const asked = { order: "key", find: "", offset: 0 };
const link = { answeredAt: null, answeredClock: null, trouble: null, health: [] };

const storeName = (id) => (id ? "store " + id : "none");

function state(word) {
  const kind = { up: "good", running: "busy", waiting: "busy", finished: "good", slow: "bad", down: "bad", failed: "bad",
    disconnected: "bad", "timed out": "bad" }[word] ?? "dull";
  return el("span", "state " + kind, [word]);
}

function bound(text) {
  return el("code", "key", [text], { title: text });
}

const stores = new Table(byId("stores"), [
  { title: "store", cell: (store) => String(store.id) },
  { title: "state", cell: (store) => state(store.state) },
  { title: "leads", number: true, cell: (store) => el("span", "with-bar", [
    bar(store.leaders / Math.max(1, store.leadersMax)), count(store.leaders)]) },
  { title: "ranges", number: true, hint: "replicas of ranges", cell: (store) => count(store.replicas) },
  { title: "data", number: true, hint: "table files on disk", cell: (store) => bytes(store.usedBytes) },
  { title: "free", number: true, hint: "of its fullest disk", cell: (store) => bytes(store.freeBytes) },
  { title: "last heartbeat", number: true, cell: (store) => span(store.heardMillisAgo) + " ago" },
  { title: "address", cell: (store) => el("code", "", [store.address]) },
  { title: "labels", cell: (store) => el("code", "dim", [store.labels]) },
], (store) => store.id, "No store has registered.");

function peers(range) {
  const behind = new Set(range.behind.split(","));
  return el("span", "peers", range.voters.split(",").map((store) => {
    const leads = store === String(range.leader);
    const title = "store " + store + (leads ? " leads" : behind.has(store) ? " lacks entries" : " follows");
    return el("span", "peer" + (leads ? " leads" : behind.has(store) ? " behind" : ""), [store], { title });
  }));
}

const ranges = new Table(byId("ranges"), [
  { title: "range", cell: (range) => String(range.id) },
  { title: "from", className: "keys", cell: (range) => bound(range.start) },
  { title: "to", className: "keys", cell: (range) => bound(range.end) },
  { title: "leader", cell: (range) => (range.leader ? storeName(range.leader) : state("none")) },
  { title: "peers", hint: "stores; the leader is filled, those with a dashed ring lack entries", cell: peers },
  { title: "epoch", cell: (range) => el("span", "dim", [range.epoch]) },
  { title: "keys", number: true, cell: (range) => count(range.keys) },
  { title: "size", number: true, cell: (range) => bytes(range.bytes) },
  { title: "reads/s", number: true, cell: (range) => count(range.readsPerSecond) },
  { title: "writes/s", number: true, cell: (range) => count(range.writesPerSecond) },
], (range) => range.id, "No such range.");

function progress(operator) {
  const over = !["waiting", "running"].includes(operator.state);
  if (over) {
    return "took " + span(operator.millis);
  }
  return el("span", "with-bar", [bar(operator.millis / operator.timeoutMillis, "time"),
    span(operator.millis) + " of " + span(operator.timeoutMillis)]);
}

const operators = new Table(byId("operators"), [
  { title: "operator", cell: (operator) => String(operator.id) },
  { title: "state", cell: (operator) => state(operator.state) },
  { title: "step", cell: (operator) => operator.step ?? operator.kind },
  { title: "range", cell: (operator) => String(operator.range) },
  { title: "from", cell: (operator) => String(operator.from) },
  { title: "to", cell: (operator) => String(operator.to) },
  { title: "progress", hint: "time taken, and after how long it is given up", cell: progress },
  { title: "by", cell: (operator) => operator.by },
  { title: "reason", className: "prose", cell: (operator) =>
    operator.reason + (operator.outcome ? " — " + operator.outcome : "") },
], (operator) => operator.id, "Nothing moves, and nothing has moved in this term of the placement driver.");

const members = new Table(byId("members"), [
  { title: "replica on", cell: (member) => storeName(member.store) },
  { title: "role", cell: (member) => (member.leader ? el("span", "state good", ["leader"]) : "follower") },
  { title: "address", cell: (member) => el("code", "", [member.address]) },
], (member) => member.store, "The placement driver has no replicas.");

const schedulers = new Table(byId("schedulers"), [
  { title: "scheduler", cell: (scheduler) => scheduler.name },
  { title: "state", cell: (scheduler) => (scheduler.pausedSeconds > 0
    ? el("span", "state dull", ["paused for " + span(scheduler.pausedSeconds * 1000)]) : state(scheduler.state)) },
  { title: "operators", number: true, cell: (scheduler) => el("span", "with-bar", [
    bar(scheduler.operators / scheduler.operatorsMax), scheduler.operators + " of " + scheduler.operatorsMax]) },
], (scheduler) => scheduler.name, "There are no schedulers.");

const heat = new HeatMap(byId("heat"), byId("legend"));
byId("metric").append(...Object.entries(METRICS).map(([value, metric]) => el("option", "", [metric.name], { value })));
let heatAskedAt = -Infinity;

/** Brings the heat map up to date, unless it was lately. */
async function askHeat() {
  if (performance.now() - heatAskedAt < HEAT_MILLIS) {
    return;
  }
  heatAskedAt = performance.now();
  const metric = byId("metric").value;
  const map = await ask("hot/map?" + new URLSearchParams({ metric, minutes: byId("minutes").value, rows: HEAT_ROWS }));
  if (metric === byId("metric").value) {
    heat.show(map, metric);
  }
}

const tiles = new Map();

function tile(name, value, note, trouble = false) {
  let shown = tiles.get(name);
  if (!shown) {
    shown = { box: el("div", "tile"), value: el("strong"), note: el("small") };
    shown.box.append(el("span", "name", [name]), shown.value, shown.note);
    byId("tiles").append(shown.box);
    tiles.set(name, shown);
  }
  shown.box.classList.toggle("trouble", trouble);
  setText(shown.value, value);
  setText(shown.note, note);
}

function showTiles(overview) {
  const cluster = overview.cluster;
  tile("stores up", cluster.storesUp + " / " + cluster.stores, cluster.storesUp === cluster.stores ? "all of them" :
    cluster.stores - cluster.storesUp + " missing", cluster.storesUp < cluster.stores);
  tile("ranges led", count(cluster.rangesLed) + " / " + count(cluster.ranges),
    cluster.rangesLed === cluster.ranges ? "all of them" : count(cluster.ranges - cluster.rangesLed) + " without a leader",
    cluster.rangesLed < cluster.ranges);
  tile("keys", short(cluster.keys), "in all databases");
  tile("reads", short(cluster.readsPerSecond), "a second");
  tile("writes", short(cluster.writesPerSecond), "a second");
  tile("operators", count(cluster.operators), "under way");
}

function showOracle(tso) {
  const facts = [["oracle's clock", tso.time], ["led by", storeName(tso.placementLeader) + ", term " + tso.placementTerm],
    ["window ends in", span(tso.windowEndMillis - tso.millis)]];
  const holder = byId("oracle");
  if (holder.childElementCount === 0) {
    facts.forEach(([name]) => holder.append(el("dt", "", [name]), el("dd")));
  }
  facts.forEach(([, value], i) => setText(holder.children[2 * i + 1], value));
}

function showPager(shownRanges) {
  const last = asked.offset + shownRanges.lines.length;
  setText(byId("shown"), shownRanges.found === 0 ? "none"
    : count(asked.offset + 1) + "–" + count(last) + " of " + count(shownRanges.found));
  byId("earlier").disabled = asked.offset === 0;
  byId("later").disabled = last >= shownRanges.found;
  if (shownRanges.lines.length === 0 && asked.offset > 0) {
    asked.offset = 0; // there are fewer than there were
  }
}

function show(overview) {
  setText(byId("cluster-id"), overview.cluster.id);
  showTiles(overview);
  const leadersMax = Math.max(...overview.stores.map((store) => store.leaders), 1);
  stores.show(overview.stores.map((store) => ({ ...store, leadersMax })));
  operators.show([...overview.operators, ...overview.ended]);
  ranges.show(overview.ranges.lines);
  showPager(overview.ranges);
  members.show(overview.members);
  schedulers.show(overview.schedulers);
  showOracle(overview.tso);
  link.health = overview.health.filter((line) => !line.healthy).map((line) => line.what + ": " + line.reason);
}

/** Says how old what is shown is: a page that looks alive over dead data is worse than none. */
function showLink() {
  const age = link.answeredAt === null ? null : performance.now() - link.answeredAt;
  const stale = age === null ? link.trouble !== null : age > STALE_MILLIS;
  const pill = byId("link");
  pill.className = "pill " + (stale ? "bad" : age === null ? "" : "good");
  document.body.classList.toggle("stale", stale);
  setText(pill, age === null ? (stale ? "no answer yet" : "waiting for the first answer")
    : stale ? "last answer " + span(age) + " ago" : "live");
  const alarms = [];
  if (stale) {
    const what = link.trouble ?? "This node does not answer.";
    alarms.push(age === null ? what : what + " What is shown is of " + clock(link.answeredClock) + ", "
      + span(age) + " ago.");
  }
  alarms.push(...link.health);
  const holder = byId("alarms");
  if (alarms.length !== holder.childElementCount) {
    holder.replaceChildren(...alarms.map(() => el("p", "alarm")));
  }
  alarms.forEach((text, i) => setText(holder.children[i], text));
}

/** Asks for a path below /ctl/; fails with a sentence that says why there is no answer. */
async function ask(path) {
  let response;
  try {
    response = await fetch("/ctl/" + path, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MILLIS_MAX) });
  } catch {
    throw new Error("This node does not answer.");
  }
  const body = await response.json().catch(() => ({ error: "The answer of this node is not JSON." }));
  if (!response.ok) {
    throw new Error("This node answers: " + (body.error ?? response.status) + ".");
  }
  return body;
}

let round = 0;

async function poll() {
  const mine = ++round; // a newer one makes this one end
  while (mine === round && !document.hidden) {
    const words = new URLSearchParams({ ...asked, limit: RANGES_PER_PAGE });
    try {
      const overview = await ask("overview?" + words);
      if (mine !== round) {
        return;
      }
      link.answeredAt = performance.now();
      link.answeredClock = new Date();
      link.trouble = null;
      show(overview);
      await askHeat();
    } catch (failed) {
      link.trouble = failed.message;
    }
    showLink();
    await new Promise((later) => setTimeout(later, POLL_MILLIS));
  }
}

const THEMES = ["system", "light", "dark"];

function theme(name) {
  document.documentElement.dataset.theme = name;
  setText(byId("theme"), "theme: " + name);
  return name;
}

function remembered() {
  try {
    return THEMES.find((name) => name === localStorage.getItem("kvasir.theme")) ?? "system";
  } catch {
    return "system"; // storage is off
  }
}

let themeNow = theme(remembered());
byId("theme").addEventListener("click", () => {
  themeNow = theme(THEMES[(THEMES.indexOf(themeNow) + 1) % THEMES.length]);
  try {
    localStorage.setItem("kvasir.theme", themeNow);
  } catch {
    // storage is off: it holds until the page is left
  }
  heat.draw();
});
for (const choice of [byId("metric"), byId("minutes")]) {
  choice.addEventListener("change", () => {
    heatAskedAt = -Infinity;
    poll();
  });
}
byId("order").addEventListener("change", (event) => {
  Object.assign(asked, { order: event.target.value, offset: 0 });
  poll();
});
byId("find").addEventListener("input", (event) => {
  Object.assign(asked, { find: event.target.value, offset: 0 });
  poll();
});
byId("earlier").addEventListener("click", () => {
  asked.offset = Math.max(0, asked.offset - RANGES_PER_PAGE);
  poll();
});
byId("later").addEventListener("click", () => {
  asked.offset += RANGES_PER_PAGE;
  poll();
});
document.addEventListener("visibilitychange", poll);
setInterval(showLink, 500);
poll();
