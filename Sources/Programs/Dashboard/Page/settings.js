// What a person chose, remembered by the browser: nothing of it leaves the machine.

const standard = {
  language: navigator.language?.startsWith("ja") ? "ja" : "en",
  theme: "dark", beds: "auto", paper: "3x4", order: "standard", gain: "10", speed: "25", hours: "1",
};

function stored() {
  try { return JSON.parse(localStorage.getItem("shinden") ?? "{}") ?? {}; } catch { return {}; }
}

const chosen = { ...standard, ...stored() };
const listeners = new Set();

export const setting = (name) => chosen[name];

export function choose(name, value) {
  chosen[name] = value;
  try { localStorage.setItem("shinden", JSON.stringify(chosen)); } catch { /* a private window keeps nothing */ }
  for (const listener of listeners) listener(name, value);
}

export const onChoice = (listener) => listeners.add(listener);
