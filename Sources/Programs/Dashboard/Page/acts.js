// What people do about alarms: acknowledge one, pause a patient's signals. What came of it is said on the page.

import { byUrgency, isOpen, title } from "./alarms.js";
import { mayAct, me, post } from "./people.js";
import { element, words } from "./words.js";

/// Seconds for which a pause is asked.
export const pauseSeconds = 120;

/// Milliseconds for which an answer stands on the page; one that says what was not done stands longer.
const stays = { good: 6000, bad: 20000 };
let timer = null;

/// Says on the page what came of something.
export function tell(text, kind) {
  const box = document.getElementById("said");
  box.replaceChildren(element("p", { class: kind }, text));
  box.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { box.hidden = true; }, stays[kind]);
}

function failure(status, body, path) {
  const w = words();
  // What is set conflicts with something else than an alarm that has sounded again: the daemon says with what.
  if (path === "/api/set" && body.code === "CONFLICT") return w.notDone(body.detail);
  if (status === 401 || body.code === "KEY") return w.loginAgain;
  return w.answers[body.code] ?? w.notDone(body.detail ?? String(status));
}

async function act(path, body, subject, done) {
  const w = words();
  if (!mayAct()) {
    tell(me.hasUsers === false ? w.readOnly : me.user === null ? w.loginAgain : w.answers.RIGHT, "bad");
    return;
  }
  tell(`${subject}: ${w.asking}`, "good");
  const answer = await post(path, body);
  if (answer.status === 200) tell(`${subject}: ${done(answer.body)}`, "good");
  else tell(`${subject}: ${failure(answer.status, answer.body, path)}`, "bad");
}

/// Acknowledges an alarm as it is shown now; where it has sounded anew meanwhile, the daemon refuses.
export function acknowledge(tile, alarm) {
  const w = words();
  return act("/api/ack", { source: tile.source, alarm: alarm.id, seen: alarm.event }, `${tile.title} ${title(alarm)}`,
    (answer) => (answer.outcome === "already" ? w.already(answer.by) : w.done));
}

/// Pauses sounds or alarms of a patient; no seconds end the pause.
export function pause(tile, kind, seconds) {
  const w = words();
  return act("/api/pause", { source: tile.source, patient: tile.patient, kind, seconds }, tile.title,
    (answer) => (seconds === 0 ? w.pauseEnded : w.pausedFor[kind](answer.seconds ?? seconds)));
}

/// Sets something for a patient: `op` and `members` are those of the daemon's control socket, `what` says it in words.
export function setFor(tile, op, members, what) {
  return act("/api/set", { source: tile.source, op, patient: tile.patient, ...members }, `${tile.title}: ${what}`, () => words().isSet);
}

/// What people set for a tile's patient, and how many seconds each pause has left; nothing where nothing is set. `ward` are the
/// rates where nobody sets others, and whose they are; `limitsBy` says whose the rates in force are.
export function settingOf(state, tile) {
  const source = state.sources.get(tile.source);
  const set = source?.settings.find((each) => each.patient === tile.patient && each.device === tile.device);
  const passed = set ? Math.round((performance.now() - source.receivedAt) / 1000) : 0;
  const left = (seconds) => (seconds === null || seconds - passed <= 0 ? null : seconds - passed);
  const ward = { rates: source?.rates ?? null, by: source?.rates_by === "policy" ? "policy" : "default" };
  return {
    ward, limitsBy: set?.rates_by ?? (set?.limits ? "order" : ward.by),
    audio: set ? left(set.audio_paused_seconds) : null, alarm: set ? left(set.alarm_paused_seconds) : null,
    standby: set?.standby_by ?? null, limits: set?.limits ?? null, baseline: set?.baseline ?? [],
  };
}

/// Minutes and seconds, as 1:35.
export const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/// What is set, in words.
export function settingWords(set) {
  const w = words();
  return [set.audio === null ? null : w.audioPaused(minutes(set.audio)), set.alarm === null ? null : w.alarmPaused(minutes(set.alarm)),
    set.standby === null ? null : w.standbyBy(set.standby), set.limits === null ? null : set.limitsBy === "order" ? w.limitsSet(set.limits) : w.stSet,
    set.baseline.length === 0 ? null : w.accepted(set.baseline.length)].filter(Boolean);
}

/// The alarm that a key acknowledges: the most urgent one that nobody has answered; undefined where there is none.
export const mostUrgent = (tile) => tile.alarms.filter(isOpen).sort(byUrgency)[0];

/// Keys of a chosen patient: A acknowledges, S pauses the sounds or ends the pause.
export function actKey(key, state, tile) {
  if (!tile || !/^[asAS]$/.test(key)) return false;
  if (key.toLowerCase() === "a") {
    const alarm = mostUrgent(tile);
    if (alarm) acknowledge(tile, alarm); else tell(`${tile.title}: ${words().nothingOpen}`, "good");
  } else {
    pause(tile, "audio", settingOf(state, tile).audio === null ? pauseSeconds : 0);
  }
  return true;
}

/// A button that acknowledges; null where the alarm is answered already, or nobody may.
export function ackButton(tile, alarm) {
  if (!mayAct() || !isOpen(alarm)) return null;
  const button = element("button", { type: "button", class: "act", "data-act": `ack ${alarm.id}` }, words().acknowledge);
  button.setAttribute("aria-label", `${words().acknowledge}: ${tile.title} ${title(alarm)}`);
  button.addEventListener("click", () => acknowledge(tile, alarm));
  return button;
}

/// The buttons that pause a patient's signals, or end a pause.
export function pauseButtons(state, tile) {
  if (!mayAct()) return [];
  const w = words();
  const set = settingOf(state, tile);
  return ["audio", "alarm"].map((kind) => {
    const isPaused = set[kind] !== null;
    const button = element("button", { type: "button", class: "act", "data-act": `pause ${kind} ${tile.id}`, "aria-pressed": String(isPaused) },
      isPaused ? w.endPause[kind] : w.pause[kind]);
    button.addEventListener("click", () => pause(tile, kind, settingOf(state, tile)[kind] === null ? pauseSeconds : 0));
    return button;
  });
}

const filled = new WeakMap();

/// Fills a box anew only where what it shows has changed, and gives the focus back: a button under a finger stays.
export function refill(box, key, make) {
  if (filled.get(box) === key) return;
  filled.set(box, key);
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  box.replaceChildren(...make());
  if (focused) box.querySelector(`[data-act="${CSS.escape(focused)}"]`)?.focus();
}
