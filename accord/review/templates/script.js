"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  root.classList.add("js");

  // The theme: as the system is, or as somebody chose; kept where the browser keeps anything at all.
  const themes = { automatic: null, light: "light", dark: "dark" };
  const remembered = (value) => {
    try {
      if (value !== undefined) localStorage.setItem("accord-theme", value);
      return localStorage.getItem("accord-theme");
    } catch {
      return null;
    }
  };
  const setTheme = (name) => {
    if (themes[name]) root.dataset.theme = themes[name];
    else delete root.dataset.theme;
    byId("theme").textContent = `Theme: ${name}`;
  };
  let theme = remembered() in themes ? remembered() : "automatic";
  setTheme(theme);
  byId("theme").addEventListener("click", () => {
    const names = Object.keys(themes);
    theme = names[(names.indexOf(theme) + 1) % names.length];
    remembered(theme);
    setTheme(theme);
  });

  // Links lead into folded parts too.
  const reveal = (element) => {
    for (let part = element; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
  };
  const target = () => {
    try {
      return location.hash.length > 1 ? byId(decodeURIComponent(location.hash.slice(1))) : null;
    } catch {
      return null;
    }
  };
  const arrive = () => {
    const element = target();
    if (!element) return;
    reveal(element);
    element.scrollIntoView();
    const focused = element.tagName === "DETAILS" ? element.querySelector("summary") : element;
    focused.focus({ preventScroll: true });
  };
  addEventListener("hashchange", arrive);
  arrive();
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.getAttribute("href") === location.hash) setTimeout(arrive);
  });

  // On a phone the table of contents would fill the first screens.
  if (matchMedia("(max-width: 60rem)").matches) byId("toc").open = false;
  byId("toc").addEventListener("click", (event) => {
    if (event.target.closest("a") && matchMedia("(max-width: 60rem)").matches) byId("toc").open = false;
  });

  // What is in a schema, shown where it is used: a copy, made when somebody asks.
  for (const peek of document.querySelectorAll("details[data-peek]")) prepare(peek);
  function prepare(peek) {
    const source = byId(peek.dataset.peek);
    const tree = source && source.querySelector(":scope > .inside > .tree");
    if (!tree) {
      peek.remove();
      return;
    }
    peek.hidden = false;
    peek.addEventListener("toggle", () => {
      if (!peek.open || peek.querySelector(".tree")) return;
      const copy = tree.cloneNode(true);
      for (const part of copy.querySelectorAll("[id], [data-find]")) {
        part.removeAttribute("id");
        part.removeAttribute("data-find");
      }
      for (const inner of copy.querySelectorAll("details[data-peek]")) {
        inner.open = false;
        inner.querySelector(".tree")?.remove();
        prepare(inner);
      }
      peek.append(copy);
    });
  }

  // Who opens an operation or a message wants to see what it carries.
  const carried = ":scope > .inside > .content > .peek, :scope > .inside > .answer[open] > .content > .peek";
  for (const card of document.querySelectorAll(".card")) {
    const show = () => {
      if (!card.open) return;
      for (const peek of card.querySelectorAll(carried)) peek.open = true;
      card.removeEventListener("toggle", show);
    };
    card.addEventListener("toggle", show);
    show();
  }

  // Everything open, for reading through, for the browser's own search, and on paper.
  const folded = () => document.querySelectorAll("main details:not([open]):not(.peek)");
  const all = byId("all");
  all.addEventListener("click", () => {
    const open = all.getAttribute("aria-pressed") !== "true";
    for (const part of document.querySelectorAll("main details:not(.peek)")) part.open = open;
    all.setAttribute("aria-pressed", String(open));
    all.textContent = open ? "Close everything" : "Open everything";
  });
  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...folded()];
    for (const part of unfolded) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of unfolded) part.open = false;
  });

  // Search: all words must occur; what begins with the first one comes first.
  const field = byId("search");
  const list = byId("found");
  const entries = [...document.querySelectorAll("[data-find]")].map((element) => ({
    id: element.id, kind: element.dataset.find, name: element.dataset.name, text: element.dataset.name.toLowerCase(),
  }));
  const MOST = 30;
  let chosen = -1;
  const rank = (entry, words) => {
    if (!words.every((word) => entry.text.includes(word))) return null;
    const at = entry.text.indexOf(words[0]);
    const begins = at === 0 || /[^a-z0-9]/.test(entry.text[at - 1]);
    return (at === 0 ? 0 : begins ? 1 : 2) * 1000 + (entry.kind === "member" ? 500 : 0) + entry.text.length;
  };
  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    chosen = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
    byId("found-count").textContent = "";
  };
  const choose = (index) => {
    const options = [...list.querySelectorAll("[role=option]")];
    if (!options.length) return;
    chosen = (index + options.length) % options.length;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === chosen)));
    options[chosen].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", options[chosen].id);
  };
  const go = (id) => {
    field.value = "";
    close();
    if (location.hash === `#${id}`) arrive();
    else location.hash = id;
  };
  const search = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return close();
    const found = entries
      .map((entry) => [rank(entry, words), entry])
      .filter(([score]) => score !== null)
      .sort((one, other) => one[0] - other[0]);
    const items = found.slice(0, MOST).map(([, entry], number) => {
      const item = document.createElement("li");
      item.id = `found-${number}`;
      item.setAttribute("role", "option");
      const name = document.createElement("span");
      name.textContent = entry.name;
      const kind = document.createElement("span");
      kind.textContent = entry.kind;
      item.append(name, kind);
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        go(entry.id);
      });
      item.dataset.go = entry.id;
      return item;
    });
    const more = found.length - items.length;
    if (!found.length || more > 0) {
      const rest = document.createElement("li");
      rest.className = "none";
      rest.setAttribute("role", "presentation");
      rest.textContent = found.length ? `and ${more} more` : "Nothing was found.";
      items.push(rest);
    }
    list.replaceChildren(...items);
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    byId("found-count").textContent = found.length === 1 ? "1 result" : `${found.length} results`;
    choose(0);
  };
  field.addEventListener("input", search);
  field.addEventListener("focus", search);
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Enter") {
      const option = byId(`found-${chosen}`);
      if (option) go(option.dataset.go);
    } else if (event.key === "Escape") {
      field.value = "";
      close();
      field.blur();
    } else return;
    event.preventDefault();
  });
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });

  // Where one is, in the table of contents.
  const links = new Map();
  for (const link of document.querySelectorAll(".toc a")) links.set(link.getAttribute("href").slice(1), link);
  const seen = new Set();
  const watcher = new IntersectionObserver((changes) => {
    for (const { target: part, isIntersecting } of changes) {
      if (isIntersecting) seen.add(part.id);
      else seen.delete(part.id);
    }
    const current = [...links.keys()].filter((id) => seen.has(id));
    const last = current.findLast((id) => byId(id).matches(".card[open]")) ?? current.find((id) => byId(id).matches(".card")) ?? current[0];
    for (const [id, link] of links) {
      if (id === last) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-20% 0px -65% 0px" });
  for (const id of links.keys()) if (byId(id)) watcher.observe(byId(id));
})();
