// The page's words, in English and Chinese. The till's own language is the till's own affair.

const LANGUAGES = ["en", "zh"];
const KEPT = "barrow.language";

export class Words {
  constructor() {
    this.table = {};
    this.lang = "en";
    this.listeners = [];
  }

  async start() {
    const wanted = localStorage.getItem(KEPT) ?? navigator.language.slice(0, 2);
    await this.choose(LANGUAGES.includes(wanted) ? wanted : "en");
    for (const button of document.querySelectorAll("[data-lang]")) {
      button.addEventListener("click", () => {
        localStorage.setItem(KEPT, button.dataset.lang);
        this.choose(button.dataset.lang);
      });
    }
  }

  async choose(lang) {
    this.table = await (await fetch(`/words/${lang}.json`)).json();
    this.lang = lang;
    document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
    document.title = this.t("page.title");
    for (const button of document.querySelectorAll("[data-lang]")) {
      button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
    }
    this.fill(document);
    for (const listener of this.listeners) listener();
  }

  // Everything below `root` that names a word gets it.
  fill(root) {
    for (const el of root.querySelectorAll("[data-t]")) el.textContent = this.t(el.dataset.t);
    for (const el of root.querySelectorAll("[data-t-label]")) el.setAttribute("aria-label", this.t(el.dataset.tLabel));
    for (const el of root.querySelectorAll("[data-t-title]")) el.title = this.t(el.dataset.tTitle);
  }

  changed(listener) {
    this.listeners.push(listener);
  }

  // "{n} frames" with {n: 3}; a word that is not there shows its key, so that it is seen.
  t(key, values = {}) {
    const text = this.table[key] ?? `?${key}?`;
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }
}
