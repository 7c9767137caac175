// Every word of the pages, in English and Japanese.

import { setting } from "./settings.js";

const all = {
  en: {
    station: "Central station", technical: "Technical", language: "日本語", theme: "Bright / dark",
    beds: "Beds", auto: "automatic", 
    soundButton: { off: "SOUND OFF", on: "Sound on", blocked: "SOUND BLOCKED" }, soundTitle: "Sounds of alarms on or off (M)",
    login: "Log in", userName: "Name", password: "Password", loginRefused: "Name or password is wrong.", loginWait: (s) => `Tried too often: try again in ${s} s.`,
    loginAgain: "You are not logged in any more: load the page again.", noDashboard: "The dashboard does not answer.",
    logOut: (name) => `Log out ${name}`, loggedInUntil: (t) => `logged in until ${t}`,
    readOnly: "Read only: this dashboard has no users.",
    acknowledge: "Acknowledge", pause: { audio: "Pause sound 2 min", alarm: "Pause alarms 2 min" }, endPause: { audio: "End sound pause", alarm: "End alarm pause" },
    asking: "asking the daemon ...", done: "acknowledged", already: (by) => `acknowledged before, by ${by}`, pauseEnded: "the pause is over",
    pausedFor: { audio: (s) => `sounds are paused for ${s} s`, alarm: (s) => `medium and low alarms are paused for ${s} s` },
    audioPaused: (t) => `sound paused ${t}`, alarmPaused: (t) => `alarms paused ${t}`, standbyBy: (by) => `standby (${by})`,
    nothingOpen: "no alarm to acknowledge", notDone: (why) => `not done: ${why}`,
    answers: {
      GONE: "not done: the alarm is over", NOT_FOUND: "not done: the daemon does not know it", BUSY: "not done: too many requests wait; try again",
      CONFLICT: "not done: it has sounded again since; look at it once more", RIGHT: "not done: you have not the right to it",
      NOT_ALLOWED: "not done: this dashboard's key has not the right to it", LOST: "NOT DONE: the daemon is not heard",
      SILENT: "NO ANSWER from the daemon: whether it was done is not known", LINE: "NOT DONE: the dashboard does not answer",
    },
    research: "Alarms come from rules, suggestions from a model. Research use, not a medical device.",
    alarms: "Alarms", alarm: "alarm", standing: "Standing", kind: "about", what: "what happened", figureHead: "figure",
    classes: { physiological: "Patients", technical: "Signal" }, kinds: { physiological: "patient", technical: "signal" },
    rate: "HR", perMinute: "beats a minute, mean of 10 s",
    noRate: { no_signal: "No signal", noise: "What is found does not resemble beats", starting: "Not long enough yet",
      no_beats: "No beats", fibrillation: "Fibrillation", old: "No heart rate for 5 s" },
    noAlarm: "no alarm stands", noAlarmHeard: "no alarm was heard", moreAlarms: (n) => `+${n}`, since: (t) => `since ${t}`,
    alarmsAsked: "The daemon is being asked which alarms stand; until it answers, one may be missing here, or be over.",
    stepsMissed: (n) => `${n} events were missed: what they told is not in this list.`,
    alarmsForgotten: (t, n, list) => `The daemon began anew at ${t} and no longer knows ${n === 1 ? "an alarm that stood" : `${n} alarms that stood`}: ${list}.`,
    priorities: { high: "High alarm", medium: "Medium alarm", low: "Low alarm" },
    states: { active: "holds", latched: "latched", inactive: "over" },
    latched: { over: "over, not acknowledged", analysis_lost: "signal lost", latched: "not acknowledged" },
    acknowledged: (by) => `acknowledged by ${by}`,
    signals: { audio_paused: "sound paused", alarm_paused: "alarms paused", off: "recorded only" },
    agrees: "the model agrees", toldOnce: "told once", escalated: "more urgent now", deescalated: "less urgent now",
    happenings: "What happened", noSteps: "Nothing has happened since the dashboard began.",
    reasons: {
      began: "began", over: "over", superseded: "gave way", resumed: "holds on", seen_again: "seen again",
      new_episode: "a new episode", analysis_lost: "stays: nothing can be analysed", changed: "changed", stood: "stands for long",
      acknowledged: "acknowledged", paused: "paused", pause_over: "the pause is over", standby: "standby",
      baseline: "accepted as usual for the patient", discharged: "discharged",
    },
    researchShort: "Research use, not a medical device",
    suggestion: "suggestion", none: "no statement reaches its threshold", nearest: "nearest",
    starting: "collecting the first 10 s", noWindow: "no window yet",
    silent: (s) => `NO SIGNAL ${s} s`, noSignal: "NO SIGNAL", ended: (why) => `ENDED (${why})`,
    lost: "DAEMON NOT HEARD", sought: "LOOKING FOR THE DAEMON",
    lineLost: "CONNECTION LOST: nothing on this page is current",
    ago: (s) => `${s} s ago`, lag: (s) => `lag ${s} s`, battery: (p) => `battery ${p} %`,
    leads: (n) => (n === 12 ? "12 leads" : `${n} of 12 leads`), patch: "patch",
    noECG: { flat: "flat", range: "out of range", off: "off" }, poor: "poor contact", missing: "missing",
    coverage: (p) => `${p} % signal`,
    withheld: {
      leads_missing: "not ranked: no standard lead was sent", coverage: "not ranked: too much signal is missing",
      quality: "not ranked: no lead carries an ECG that can be trusted",
    },
    noPatients: "No patients. Streams appear here by themselves as soon as a gateway sends them.",
    moreBeds: (n) => `${n} more below: choose more beds`,
    heard: "heard", daemon: "daemon", missedEvents: (n) => `${n} events missed`,
    patients: (n) => `${n} ${n === 1 ? "patient" : "patients"}`,
    back: "All patients", hold: "Hold", release: "Go on", print: "Print", held: "HELD",
    paper: "Layout", order: "Order", gain: "Gain", speed: "Speed", standard: "standard", Cabrera: "Cabrera",
    statements: "Suggested statements", probability: "probability", threshold: "threshold", below: "Below their threshold",
    noProbability: "no probability for these leads", window: "Rests on",
    windowOf: (from, to, zone) => `${from} to ${to} (${zone}), 10 s`,
    collecting: (s) => `collecting: ${s} of 10 s`, gone: "This patient is not on the board.",
    notRanked: "Not ranked for want of leads", needs: (leads, n) => `${n} need ${leads}`,
    notLookedFor: "Never looked for", leadsOf: "Leads", used: "used", derived: "computed", absent: "not sent", measured: "measured",
    filter: "0.05 Hz to the device's own limit", filterShort: "Filter", computedMark: "* computed from two others", beyond: "a trace leaves the paper: choose 5 mm/mV",
    noDaemonTime: "time", patient: "patient", device: "device", code: "code", priority: "priority", count: "count",
    detail: "detail", noFacts: "Nothing has been reported since the dashboard began.",
    history: "What was before the dashboard began is not known: a daemon keeps no journal (serve --state).",
    historySought: "What was before the dashboard began is being read from the daemon's journal.",
    historySince: (t) => `With what the daemon's journal holds since ${t}.`,
    model: "model", streams: "streams", frames: "frames", published: "events", missed: "missed", up: "up", state: "state",
    turnedAway: (n) => `${n} patients found no place`,
    strip: "Strip", strips: "Ten seconds before and after", stripAsked: "asking for the strip ...", raised: "alarm",
    noStrip: "No strip: the alarm began before the dashboard did, was missed, or 200 newer ones have taken its place.",
    stripCut: "Nothing more came: the stream was over or silent.", stripComing: "still coming",
    trend: "Trends", hours: (n) => `last ${n} h`, mean: "mean", ectopic: "Ectopic",
    trendRows: { rate: "HR", ectopic: "Ectopic", qtc: "QTc" },
    trendLack: (t) => `Before ${t} nothing is known`, noTrend: "No vital signs yet",
    cancel: "Cancel", inYourName: (name) => `The daemon is asked in the name of ${name}, and every event of it says so.`,
    isSet: "done", limitsSet: (l) => `limits ${l.low}–${l.high}`, stSet: "ST limits set", accepted: (n) => `${n} accepted as usual`,
    ward: {
      standby: "Standby", endStandby: "End standby", limits: "Set limits", baseline: "Accept as usual", discharge: "Discharge",
      standbyText: "Nothing below high is signalled for this patient until signal comes again after it was away. What is found is recorded, high alarms sound.",
      endStandbyText: "Everything is signalled again from now on.",
      limitsText: "Beyond these heart rates this patient alarms, from the next beat on.",
      limitNames: { extreme_low: "Extreme bradycardia below", low: "Bradycardia below", high: "Tachycardia above", extreme_high: "Extreme tachycardia above" },
      limitsBy: { order: "They are set for this patient.", policy: "They are now those of the ward's policy.", default: "They are now an adult's." },
      usual: { policy: "the ward's", default: "an adult's" }, usualLimits: { policy: "The ward's limits", default: "An adult's limits" },
      limitRange: (least, most, whose, rate) => `${least} to ${most}/min; ${whose} is ${rate}`, limitsOrder: "Each must be higher than the one before it.",
      baselineText: "What is accepted as usual for this patient neither alarms nor informs any more.",
      accept: (text) => `Accept: ${text}`, withdraw: (text) => `No longer accept: ${text}`,
      noBaseline: "Nothing can be accepted: no alarm below high was told of this patient since the dashboard began.",
      dischargeText: "All alarms of this patient end, and what was set is forgotten: limits, pauses, standby, what is accepted. What still holds alarms anew.",
      typeName: (name) => `Type ${name} to discharge`, otherName: "That is another name.",
    },
    noDevice: "NO DEVICE", onStandby: "STANDBY", emptyBed: "empty bed",
    keys: "Keys", close: "Close",
    keyList: [["L", "language"], ["T", "bright or dark"], ["Arrows, Enter", "choose and open a patient"],
      ["A", "acknowledge the most urgent alarm of the chosen patient"], ["S", "pause that patient's sounds for 2 min, or end the pause"], ["M", "sounds of this page on or off"],
      ["Esc", "back to all patients"], ["Space", "hold the paper"], ["P", "print the paper"], ["?", "this list"]],
    codes: {},
  },
  ja: {
    station: "セントラル", technical: "技術情報", language: "English", theme: "明/暗",
    beds: "ベッド数", auto: "自動",
    soundButton: { off: "音 オフ", on: "音 オン", blocked: "音 出力不可" }, soundTitle: "アラーム音のオン・オフ (M)",
    login: "ログイン", userName: "名前", password: "パスワード", loginRefused: "名前またはパスワードが違います。", loginWait: (s) => `試行回数が多すぎます。${s} 秒後に再試行してください。`,
    loginAgain: "ログインが終了しました。ページを再読み込みしてください。", noDashboard: "ダッシュボードが応答しません。",
    logOut: (name) => `ログアウト ${name}`, loggedInUntil: (t) => `${t} までログイン`,
    readOnly: "閲覧専用：利用者が登録されていません。",
    acknowledge: "確認", pause: { audio: "音を2分停止", alarm: "アラームを2分停止" }, endPause: { audio: "音の停止を解除", alarm: "アラームの停止を解除" },
    asking: "デーモンに依頼中…", done: "確認しました", already: (by) => `${by} が先に確認済みです`, pauseEnded: "停止を解除しました",
    pausedFor: { audio: (s) => `音を ${s} 秒停止しました`, alarm: (s) => `中・低優先度アラームを ${s} 秒停止しました` },
    audioPaused: (t) => `音停止中 ${t}`, alarmPaused: (t) => `アラーム停止中 ${t}`, standbyBy: (by) => `スタンバイ (${by})`,
    nothingOpen: "確認するアラームはありません", notDone: (why) => `実行されませんでした：${why}`,
    answers: {
      GONE: "実行されませんでした：アラームは終了済みです", NOT_FOUND: "実行されませんでした：該当なし", BUSY: "実行されませんでした：混雑中です。再試行してください",
      CONFLICT: "実行されませんでした：再び鳴りました。もう一度確認してください", RIGHT: "実行されませんでした：権限がありません",
      NOT_ALLOWED: "実行されませんでした：このダッシュボードの鍵に権限がありません", LOST: "実行されませんでした：デーモン応答なし",
      SILENT: "デーモンから応答がありません：実行されたかどうか不明です", LINE: "実行されませんでした：ダッシュボードが応答しません",
    },
    research: "アラームは規則、所見はモデルの候補です。研究用であり、医療機器ではありません。",
    alarms: "アラーム", alarm: "アラーム", standing: "継続中", kind: "対象", what: "経過", figureHead: "値",
    classes: { physiological: "患者", technical: "信号" }, kinds: { physiological: "患者", technical: "信号" },
    rate: "HR", perMinute: "毎分の拍数（10秒の平均）",
    noRate: { no_signal: "信号なし", noise: "心拍らしくない信号", starting: "計測開始直後",
      no_beats: "拍動なし", fibrillation: "細動", old: "5秒間心拍数なし" },
    noAlarm: "継続中のアラームなし", noAlarmHeard: "受信したアラームなし", moreAlarms: (n) => `他 ${n}`, since: (t) => `${t} から`,
    alarmsAsked: "継続中のアラームをデーモンに照会中です。応答があるまで、漏れまたは終了済みの可能性があります。",
    stepsMissed: (n) => `イベントが ${n} 件欠落：その内容はこの一覧にありません。`,
    alarmsForgotten: (t, n, list) => `デーモンが ${t} に再起動し、継続中だったアラーム ${n} 件が失われました：${list}。`,
    priorities: { high: "高優先度アラーム", medium: "中優先度アラーム", low: "低優先度アラーム" },
    states: { active: "継続中", latched: "保持", inactive: "終了" },
    latched: { over: "終息・未確認", analysis_lost: "信号消失", latched: "未確認" },
    acknowledged: (by) => `確認済 ${by}`,
    signals: { audio_paused: "音 停止中", alarm_paused: "アラーム停止中", off: "記録のみ" },
    agrees: "モデルも一致", toldOnce: "通知のみ", escalated: "優先度上昇", deescalated: "優先度低下",
    happenings: "経過", noSteps: "ダッシュボード開始後の経過はありません。",
    reasons: {
      began: "開始", over: "終息", superseded: "上位アラームに統合", resumed: "なお継続", seen_again: "再検出",
      new_episode: "新たなエピソード", analysis_lost: "解析不能のため保持", changed: "変化", stood: "長時間継続",
      acknowledged: "確認", paused: "一時停止", pause_over: "一時停止終了", standby: "スタンバイ",
      baseline: "患者の平常として承認", discharged: "退室",
    },
    researchShort: "研究用（医療機器ではありません）",
    suggestion: "候補", none: "しきい値に達した所見なし", nearest: "最も近い",
    starting: "最初の10秒を収集中", noWindow: "解析区間なし",
    silent: (s) => `信号なし ${s} 秒`, noSignal: "信号なし", ended: (why) => `終了 (${why})`,
    lost: "デーモン応答なし", sought: "デーモンを探しています",
    lineLost: "接続が切れました。この画面の内容は最新ではありません",
    ago: (s) => `${s} 秒前`, lag: (s) => `遅延 ${s} 秒`, battery: (p) => `電池 ${p} %`,
    leads: (n) => (n === 12 ? "12誘導" : `12誘導中 ${n}`), patch: "パッチ",
    noECG: { flat: "平坦", range: "範囲外", off: "電極外れ" }, poor: "接触不良", missing: "なし",
    coverage: (p) => `信号 ${p} %`,
    withheld: {
      leads_missing: "判定せず：標準誘導なし", coverage: "判定せず：信号の欠落が多い",
      quality: "判定せず：信頼できる心電図なし",
    },
    noPatients: "患者はいません。ゲートウェイが送信を始めると自動的に表示されます。",
    moreBeds: (n) => `ほか ${n} 名：ベッド数を増やしてください`,
    heard: "接続中", daemon: "デーモン", missedEvents: (n) => `イベント欠落 ${n} 件`,
    patients: (n) => `患者 ${n} 名`,
    back: "全患者", hold: "静止", release: "再開", print: "印刷", held: "静止中",
    paper: "配列", order: "順序", gain: "感度", speed: "紙送り", standard: "標準", Cabrera: "カブレラ",
    statements: "所見の候補", probability: "確率", threshold: "しきい値", below: "しきい値未満",
    noProbability: "この誘導では確率なし", window: "根拠の区間",
    windowOf: (from, to, zone) => `${from} – ${to}（${zone}）、10秒`,
    collecting: (s) => `収集中：${s} / 10秒`, gone: "この患者は表示されていません。",
    notRanked: "誘導不足で判定しない所見", needs: (leads, n) => `${n} 件は ${leads} が必要`,
    notLookedFor: "検出対象外", leadsOf: "誘導", used: "使用", derived: "計算", absent: "送信なし", measured: "実測",
    filter: "0.05 Hz ～ 機器の上限", filterShort: "フィルタ", computedMark: "* 他の2誘導から計算", beyond: "波形が紙面外：感度 5 mm/mV を選択",
    noDaemonTime: "時刻", patient: "患者", device: "機器", code: "コード", priority: "優先度", count: "件数",
    detail: "詳細（英語）", noFacts: "ダッシュボード開始後の報告はありません。",
    history: "ダッシュボード開始前の記録はありません（ジャーナルを保存していないデーモンがあります: serve --state）。",
    historySought: "ダッシュボード開始前の記録をデーモンのジャーナルから読み込んでいます。",
    historySince: (t) => `${t} 以降はデーモンのジャーナルの記録を含みます。`,
    model: "モデル", streams: "ストリーム", frames: "フレーム", published: "イベント", missed: "欠落", up: "稼働", state: "状態",
    turnedAway: (n) => `${n} 名は表示できません`,
    strip: "波形", strips: "アラーム前後10秒", stripAsked: "波形を照会中…", raised: "アラーム",
    noStrip: "波形なし：ダッシュボード開始前のアラーム、受信漏れ、または新しい200件に置き換え済み。",
    stripCut: "以後の波形なし：終了または信号途絶。", stripComing: "受信中",
    trend: "トレンド", hours: (n) => `過去 ${n} 時間`, mean: "平均", ectopic: "期外収縮",
    trendRows: { rate: "HR", ectopic: "期外収縮", qtc: "QTc" },
    trendLack: (t) => `${t} 以前の記録はありません`, noTrend: "バイタル値はまだありません",
    cancel: "取消", inYourName: (name) => `${name} の名前でデーモンに依頼し、全イベントに記録されます。`,
    isSet: "設定しました", limitsSet: (l) => `上下限 ${l.low}–${l.high}`, stSet: "ST 設定済", accepted: (n) => `平常として承認 ${n} 件`,
    ward: {
      standby: "スタンバイ", endStandby: "スタンバイ解除", limits: "上下限設定", baseline: "平常として承認", discharge: "退室",
      standbyText: "信号が途絶えて再び届くまで、高優先度以外は通知しません。所見は記録され、高優先度アラームは鳴ります。",
      endStandbyText: "今後はすべて通知します。",
      limitsText: "次の拍から、この心拍数を超えるとアラームになります。",
      limitNames: { extreme_low: "極度徐脈（未満）", low: "徐脈（未満）", high: "頻脈（超）", extreme_high: "極度頻脈（超）" },
      limitsBy: { order: "現在の値はこの患者に設定されたものです。", policy: "現在の値は病棟の設定です。", default: "現在の値は成人の標準です。" },
      usual: { policy: "病棟", default: "成人" }, usualLimits: { policy: "病棟の上下限", default: "成人の上下限" },
      limitRange: (least, most, whose, rate) => `${least}～${most}/分、${whose} ${rate}`, limitsOrder: "値は順に大きくしてください。",
      baselineText: "平常として承認した所見は、以後この患者では通知されません。",
      accept: (text) => `承認：${text}`, withdraw: (text) => `承認取消：${text}`,
      noBaseline: "承認できる所見はありません（開始後、高優先度未満のアラームなし）。",
      dischargeText: "この患者のアラームはすべて終了し、設定（上下限・停止・スタンバイ・承認）は消去されます。続いている所見は再びアラームになります。",
      typeName: (name) => `退室させるには ${name} と入力`, otherName: "名前が違います。",
    },
    noDevice: "機器なし", onStandby: "スタンバイ", emptyBed: "空床",
    keys: "キー操作", close: "閉じる",
    keyList: [["L", "言語"], ["T", "明るい/暗い"], ["矢印, Enter", "患者を選んで開く"],
      ["A", "選んだ患者の最優先アラームを確認"], ["S", "選んだ患者の音を2分停止・解除"], ["M", "この画面の音のオン・オフ"],
      ["Esc", "全患者に戻る"], ["Space", "波形を静止"], ["P", "印刷"], ["?", "この一覧"]],
    codes: {
      stream_opened: "開始", stream_closed: "終了", stream_silent: "信号途絶", stream_gap: "10秒以上の欠落",
      stream_superseded: "新しい計数で再開", device_moved: "機器の移動", overload: "過負荷", link_dropped: "接続断",
      peer_refused: "接続拒否", peer_unheard: "受信なし", chunks_missing: "データ欠落", chunks_duplicate: "重複",
      LATE: "遅着", OVERLAP: "重なり", BACKWARDS: "逆順",
    },
  },
};

export const words = () => all[setting("language")] ?? all.en;

/// The statement in the chosen language.
export const statement = (entry) => (setting("language") === "ja" ? entry.ja : entry.en) ?? entry.en ?? entry.id;

/// A probability as a person reads it.
export function percent(p) {
  if (p === null || p === undefined) return "";
  const value = p * 100;
  if (value > 0 && value < 1) return "<1 %";
  if (value > 99 && value < 100) return ">99 %";
  return `${Math.round(value)} %`;
}

const standardOrder = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];

/// A list of leads, where three or more neighbours become one: I, V1–V6.
export function leadList(names) {
  const parts = [];
  let rest = [...names];
  while (rest.length > 0) {
    const start = standardOrder.indexOf(rest[0]);
    let run = 1;
    while (start >= 0 && run < rest.length && rest[run] === standardOrder[start + run]) run += 1;
    if (run > 2) parts.push(`${rest[0]}–${rest[run - 1]}`); else parts.push(...rest.slice(0, run));
    rest = rest.slice(run);
  }
  return parts.join(", ");
}

/// A time of day in this browser's zone.
export const clock = (milliseconds) =>
  new Date(milliseconds).toLocaleTimeString("en-GB", { hour12: false });

/// A day in this browser's zone, as 2026-01-02.
export const day = (milliseconds) => new Date(milliseconds).toLocaleDateString("sv-SE");

export const zone = () => {
  const part = new Intl.DateTimeFormat("en", { timeZoneName: "short" }).formatToParts(new Date())
    .find((each) => each.type === "timeZoneName");
  return part?.value ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
};

/// How far back lists reach: as far as the journals of all daemons do, or no further than this dashboard.
export function historyNote(state) {
  const sources = [...state.sources.values()].filter((source) => source.facts);
  if (sources.some((source) => !source.facts.epoch)) return words().history;
  if (sources.length === 0 || sources.some((source) => source.history === null)) return words().historySought;
  const begin = Math.max(...sources.map((source) => source.history));
  return words().historySince(`${day(begin)} ${clock(begin).slice(0, 5)}`);
}

/// An element with text and children; what comes from outside is only ever text.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else if (key in made && typeof value !== "string") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
