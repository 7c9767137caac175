// Who is logged in: asked of the dashboard, kept nowhere else. The browser holds a cookie that no script can read.

import { element, words } from "./words.js";

/// `hasUsers` is null until the dashboard has answered; `key` goes with everything that is asked to be done.
export const me = { hasUsers: null, user: null, key: null, right: null, endsAt: null };

/// Whether this page may acknowledge and pause.
export const mayAct = () => me.user !== null && me.right !== "look";

/// Whether it may set what holds for a patient.
export const maySet = () => me.right === "manage";

/// Whether somebody must log in before anything is shown.
export const mustLogIn = () => me.hasUsers === true && me.user === null;

function take(answer) {
  me.hasUsers = answer.users;
  me.user = answer.user;
  me.key = answer.key;
  me.right = answer.right;
  me.endsAt = answer.seconds === null ? null : Date.now() + answer.seconds * 1000;
}

/// Asks who is logged in; false where the dashboard does not answer.
export async function askWho() {
  try {
    take(await (await fetch("/api/me")).json());
    return true;
  } catch {
    return false;
  }
}

/// Asks for something to be done: `{status, body}`, the status 0 where the dashboard does not answer.
export async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST", headers: { "Content-Type": "application/json", ...(me.key ? { "X-Shinden-Key": me.key } : {}) },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  } catch {
    return { status: 0, body: { code: "LINE" } };
  }
}

export async function logOut() {
  await post("/api/logout", {});
  // Begins anew, so that nothing of a patient is left in this page.
  location.reload();
}

/// The page that asks for name and password; `onDone` is called once somebody is in.
export class LogIn {
  constructor(page, onDone) {
    this.onDone = onDone;
    this.name = element("input", { id: "login-name", name: "username", autocomplete: "username", maxLength: 64, autocapitalize: "none", spellcheck: false });
    this.password = element("input", { id: "login-password", name: "password", type: "password", autocomplete: "current-password" });
    this.button = element("button", { type: "submit" });
    this.note = element("p", { class: "caution", role: "alert" });
    this.heading = element("h1");
    this.labels = [element("label", { for: "login-name" }), element("label", { for: "login-password" })];
    const form = element("form", { class: "login" }, this.heading, this.labels[0], this.name, this.labels[1], this.password, this.button, this.note);
    form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    page.replaceChildren(form);
    this.write();
    this.name.focus();
  }

  async send() {
    this.button.disabled = true;
    const { status, body } = await post("/api/login", { name: this.name.value, password: this.password.value });
    this.button.disabled = false;
    this.password.value = "";
    if (status === 200) {
      take(body);
      this.onDone();
      return;
    }
    const w = words();
    this.note.textContent = body.code === "WAIT" ? w.loginWait(body.seconds) : body.code === "LINE" ? w.noDashboard : w.loginRefused;
    this.password.focus();
  }

  write() {
    const w = words();
    this.heading.textContent = w.login;
    this.labels[0].textContent = w.userName;
    this.labels[1].textContent = w.password;
    this.button.textContent = w.login;
  }

  close() {}
  frame() {}
  measure() {}
  second() {}
  key() { return false; }
}
