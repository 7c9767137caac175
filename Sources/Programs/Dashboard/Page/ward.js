// What a ward sets for one patient: standby, limits, baselines, discharge. Each is confirmed before it is asked for.

import { setFor, settingOf } from "./acts.js";
import { maySet, me } from "./people.js";
import { element, statement, words } from "./words.js";

/// An adult's limits and how far each may be set, beats a minute: docs/ALARMS.md. An adult's stand where a daemon does not
/// tell the ward's.
const limits = [["extreme_low", 40, 20, 60], ["low", 50, 25, 100], ["high", 120, 80, 220], ["extreme_high", 140, 100, 250]];

/// Asks in a dialog; `body` is what stands in it, `send` is called where the person confirms and returns whether it may close.
function confirm(title, body, word, send) {
  const w = words();
  const box = document.getElementById("keys");
  const cancel = element("button", { type: "button", class: "act", "data-act": "cancel" }, w.cancel);
  const go = element("button", { type: "submit", class: "act confirm", "data-act": "confirm" }, word);
  const form = element("form", { method: "dialog", class: "ward" }, element("h2", {}, title), ...body,
    element("p", { class: "quiet" }, w.inYourName(me.user)), element("div", { class: "acts" }, cancel, go));
  cancel.addEventListener("click", () => box.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (send()) box.close();
  });
  box.replaceChildren(form);
  box.showModal();
  // What is asked for must be chosen: Enter alone cancels.
  if (!form.querySelector("input, select")) cancel.focus();
}

const paragraph = (text) => element("p", {}, text);

function standby(state, tile) {
  const w = words();
  const isOn = settingOf(state, tile).standby !== null;
  confirm(`${tile.title}: ${isOn ? w.ward.endStandby : w.ward.standby}`, [paragraph(isOn ? w.ward.endStandbyText : w.ward.standbyText)],
    isOn ? w.ward.endStandby : w.ward.standby, () => {
      setFor(tile, "STANDBY", { on: !isOn }, isOn ? w.ward.endStandby : w.ward.standby);
      return true;
    });
}

function setLimits(state, tile) {
  const w = words();
  const set = settingOf(state, tile);
  const now = set.limits;
  const usual = limits.map(([name, adult]) => set.ward.rates?.[name] ?? adult);
  const inputs = limits.map(([name, , least, most], place) =>
    element("input", { type: "number", name, min: String(least), max: String(most), step: "1", required: true, value: String(now?.[name] ?? usual[place]) }));
  const note = element("p", { class: "caution", role: "alert" });
  const rows = limits.map(([name, , least, most], place) =>
    element("label", {}, element("span", {}, w.ward.limitNames[name]), inputs[place],
      element("small", { class: "quiet" }, w.ward.limitRange(least, most, w.ward.usual[set.ward.by], usual[place]))));
  const standard = element("button", { type: "button", class: "act", "data-act": "usual" }, w.ward.usualLimits[set.ward.by]);
  standard.addEventListener("click", () => usual.forEach((rate, place) => { inputs[place].value = String(rate); }));
  // Whoever sets rates here leaves what ST is compared with as it is.
  const st = Object.fromEntries(["st_change_uv", "st_baseline_uv"].filter((name) => now?.[name] !== undefined).map((name) => [name, now[name]]));
  confirm(`${tile.title}: ${w.ward.limits}`, [paragraph(w.ward.limitsText), paragraph(w.ward.limitsBy[set.limitsBy]), ...rows, standard, note], w.ward.limits, () => {
    const values = inputs.map((input) => Number(input.value));
    if (values.some((value, place) => place > 0 && value <= values[place - 1])) {
      note.textContent = w.ward.limitsOrder;
      return false;
    }
    setFor(tile, "LIMITS", { ...Object.fromEntries(limits.map(([name], place) => [name, values[place]])), ...st },
      `${w.ward.limits} ${values.join(" / ")}`);
    return true;
  });
}

/// The statements that may be accepted: what stands or was told of the patient, and is neither high nor about the signal.
function acceptable(state, tile, accepted) {
  const told = state.steps.filter((step) => step.source === tile.source && step.patient === tile.patient && step.device === tile.device);
  const found = new Map();
  for (const each of [...tile.alarms, ...told]) {
    if (each.class !== "technical" && each.priority !== "high" && !accepted.includes(each.statement)) found.set(each.statement, each);
  }
  return [...found];
}

function baseline(state, tile) {
  const w = words();
  const accepted = settingOf(state, tile).baseline;
  const title = (id) => statement(state.labels.get(id) ?? { id });
  const options = [
    ...acceptable(state, tile, accepted).map(([id, each]) => element("option", { value: `accept ${id}` }, w.ward.accept(statement(each)))),
    ...accepted.map((id) => element("option", { value: `withdraw ${id}` }, w.ward.withdraw(title(id)))),
  ];
  if (options.length === 0) {
    confirm(`${tile.title}: ${w.ward.baseline}`, [paragraph(w.ward.noBaseline)], w.close, () => true);
    return;
  }
  const list = element("select", { name: "statement" }, ...options);
  confirm(`${tile.title}: ${w.ward.baseline}`, [paragraph(w.ward.baselineText), list], w.ward.baseline, () => {
    const [kind, id] = list.value.split(" ");
    setFor(tile, "BASELINE", { statement: id, accept: kind === "accept" }, list.selectedOptions[0].textContent);
    return true;
  });
}

function discharge(state, tile) {
  const w = words();
  const input = element("input", { name: "again", autocomplete: "off", spellcheck: false });
  const note = element("p", { class: "caution", role: "alert" });
  confirm(`${tile.title}: ${w.ward.discharge}`, [paragraph(w.ward.dischargeText), element("label", {}, element("span", {}, w.ward.typeName(tile.title)), input), note],
    w.ward.discharge, () => {
      if (input.value.trim() !== tile.title) { note.textContent = w.ward.otherName; return false; }
      setFor(tile, "DISCHARGE", {}, w.ward.discharge);
      return true;
    });
}

/// The buttons that set something for a patient; none where the person may not.
export function wardButtons(state, tile) {
  if (!maySet()) return [];
  const w = words();
  const isOn = settingOf(state, tile).standby !== null;
  return [["standby", isOn ? w.ward.endStandby : w.ward.standby, standby], ["limits", w.ward.limits, setLimits],
    ["baseline", w.ward.baseline, baseline], ["discharge", w.ward.discharge, discharge]].map(([name, text, ask]) => {
    const button = element("button", { type: "button", class: "act", "data-act": `set ${name}` }, `${text} …`);
    button.addEventListener("click", () => ask(state, state.tiles.get(tile.id) ?? tile));
    return button;
  });
}
