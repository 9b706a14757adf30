// What only the browser can do: format what grids and charts show, tick the clock of freshness, keep the theme.
"use strict";

const fig = {
  none: "–",

  share(part) {
    if (part === null || part === undefined) return fig.none;
    const percent = part * 100;
    if (percent > 0 && percent < 0.1) return "< 0.1 %";
    return percent === 0 || percent === 100 ? `${percent} %` : `${(Math.floor(percent * 10 + 1e-9) / 10).toFixed(1)} %`;
  },

  percent(value) {
    return value === null || value === undefined ? fig.none : `${+value.toFixed(1)} %`;
  },

  count(value) {
    return value === null || value === undefined ? fig.none : value.toLocaleString("en").replaceAll(",", "\u202f");
  },

  rate(value) {
    return value === null || value === undefined ? fig.none : `${+value.toFixed(value < 10 ? 1 : 0)}/s`;
  },

  ms(value) {
    if (value === null || value === undefined) return fig.none;
    if (value < 10) return `${+value.toFixed(1)} ms`;
    return value < 1000 ? `${value.toFixed(0)} ms` : `${+(value / 1000).toFixed(2)} s`;
  },

  // A cell with a link: Enter in the cell follows it.
  route(params) {
    const link = Object.assign(document.createElement("a"), { href: fig.page(params.value), textContent: params.value });
    link.tabIndex = -1; // the grid's own keys move from cell to cell
    const match = Object.assign(document.createElement("span"), { textContent: params.data.match });
    const cell = document.createElement("span");
    cell.className = "two-lines";
    cell.append(link, match);
    return cell;
  },

  page(id) {
    const window_s = new URLSearchParams(location.search).get("window");
    return `${fig.base}route/${encodeURIComponent(id)}${window_s ? `?window=${encodeURIComponent(window_s)}` : ""}`;
  },

  stage(params) {
    const badge = document.createElement("span");
    badge.className = `stage stage-${params.data.kind}`;
    badge.textContent = params.value + (params.data.frozen ? " · frozen" : "");
    return badge;
  },

  // The share as a bar beside its number.
  bar(params) {
    const cell = document.createElement("span");
    cell.className = "bar-cell";
    if (params.value !== null && params.value !== undefined) {
      const bar = document.createElement("span");
      bar.className = "bar";
      bar.style.setProperty("--part", `${params.value * 100}%`);
      cell.append(bar);
    }
    cell.append(fig.share(params.value));
    return cell;
  },

  // What was flipped, and below it who did it and why.
  flip(params) {
    const cell = document.createElement("span");
    cell.className = "two-lines";
    for (const text of params.value ? [params.value, `${params.data.who}: ${params.data.why}`] : []) {
      cell.append(Object.assign(document.createElement("span"), { textContent: text }));
    }
    return cell;
  },

  byOrder(one, other, nodeOne, nodeOther) {
    return nodeOne.data.order - nodeOther.data.order;
  },

  byNumber(one, other) {
    // What is not known comes last, whichever way it is sorted: as less than everything.
    return (one ?? -1) - (other ?? -1);
  },

  follow(params) {
    const key = params.event?.key;
    if (key === "Enter" && params.data) location.href = fig.page(params.data.id);
  },

  // Of a phone's width, few columns are left; the rest is on the route's own page.
  isNarrow: () => window.innerWidth < 720,
  followWidth(api) {
    let wasNarrow = fig.isNarrow();
    window.addEventListener("resize", () => {
      if (fig.isNarrow() === wasNarrow) return;
      wasNarrow = fig.isNarrow();
      api.setColumnsVisible(fig.wide, !wasNarrow);
      api.setColumnsVisible(["errors"], wasNarrow);
    });
  },
  wide: ["migrated", "legacy_errors", "migrated_errors", "legacy_p95", "migrated_p95", "parity", "bound", "missing", "flip"],

  // Freshness: the age that the server told, and the time since then.
  told: null,
  fresh(age_s, stale_s) {
    fig.told = { age_s, stale_s, at: performance.now() };
    fig.tick();
  },
  tick() {
    const shown = document.getElementById("fresh");
    if (!shown || fig.told === null) return;
    const age_s = Math.max(0, fig.told.age_s + (performance.now() - fig.told.at) / 1000);
    const isStale = age_s > fig.told.stale_s;
    const text = age_s < 1.5 ? "as of now" : age_s < 90 ? `as of ${Math.round(age_s)} s ago` : `as of ${Math.round(age_s / 60)} min ago`;
    shown.textContent = isStale ? `stale: ${text}` : text;
    shown.parentElement.classList.toggle("stale", isStale);
  },

  themes: ["auto", "dark", "light"],
  nextTheme() {
    const now = fig.theme();
    const next = fig.themes[(fig.themes.indexOf(now) + 1) % fig.themes.length];
    document.cookie = `fig_theme=${next}; Path=${fig.base}; Max-Age=31536000; SameSite=Strict`;
    fig.applyTheme(next);
  },
  theme() {
    return document.cookie.match(/(?:^|; )fig_theme=(\w+)/)?.[1] ?? "auto";
  },
  applyTheme(theme) {
    setDark({ auto: null, dark: true, light: false }[theme]);
    const button = document.getElementById("theme");
    if (button) {
      button.querySelector("i").textContent = { auto: "brightness_auto", dark: "dark_mode", light: "light_mode" }[theme];
      button.setAttribute("aria-label", `Theme: ${theme}. Change it`);
      button.title = `Theme: ${theme}`;
    }
  },

  copy(button) {
    navigator.clipboard?.writeText(button.previousElementSibling.textContent);
    button.textContent = "copied";
    setTimeout(() => (button.textContent = "copy"), 1500);
  },
};
fig.base = new URL("..", document.currentScript.src).pathname;
setInterval(() => fig.tick(), 1000);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button.copy");
  if (button) fig.copy(button);
});

// What somebody has unfolded stays so when its numbers change.
const unfolded = new Set();
document.addEventListener(
  "toggle",
  (event) => {
    const key = event.target.dataset?.key;
    if (key) unfolded[event.target.open ? "add" : "delete"](key);
  },
  true,
);
new MutationObserver(() => {
  for (const folded of document.querySelectorAll("details[data-key]:not([open])")) {
    if (unfolded.has(folded.dataset.key)) folded.open = true;
  }
}).observe(document, { childList: true, subtree: true });
