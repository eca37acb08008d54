// The page is whole without this file. With it, the price follows what is typed; every figure is the server's.
"use strict";

const live = document.querySelector("form[data-live]");

function reveal(root) {
  for (const button of root.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const button of root.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy);
      await navigator.clipboard.writeText(text ? text.textContent : location.href);
      button.textContent = button.dataset.done;
      speak(button.dataset.done);
    });
  }
}

function speak(text) {
  const spoken = document.getElementById("spoken");
  if (spoken) spoken.textContent = text;
}

// What is wrong, at its field: `sent` gives the rows of the question in the order in which the server had them.
function markMistakes(form, answer, sent) {
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && !id.endsWith("-wrong"));
    if (others.length) field.setAttribute("aria-describedby", others.join(" "));
    else field.removeAttribute("aria-describedby");
  }
  for (const text of form.querySelectorAll(".mistake")) text.remove();
  for (const item of answer.querySelectorAll("[data-input]")) {
    const row = /^code-(\d+)$/.exec(item.dataset.input);
    const field = item.dataset.input && (row ? sent[row[1]] : document.getElementById(item.dataset.input));
    if (!field || !form.contains(field)) continue;
    const link = item.querySelector("a");
    if (link) link.setAttribute("href", `#${field.id}`);
    const text = document.createElement("p");
    text.className = "mistake";
    text.id = `${field.id}-wrong`;
    text.textContent = item.textContent;
    field.closest("[data-row], .field, fieldset").append(text);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", `${text.id} ${field.getAttribute("aria-describedby") || ""}`.trim());
    for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  }
}

// The answer in view, and read out from its beginning: on a telephone it stands far below the form.
function show(answer) {
  const place = answer.getBoundingClientRect();
  if (place.top < 0 || place.top > window.innerHeight / 2) answer.scrollIntoView();
  answer.focus({ preventScroll: true });
}

// What stands there is told to be no longer the answer; by no words, to be it again.
function lost(answer, ...words) {
  for (const told of answer.querySelectorAll(".lost")) told.remove();
  answer.classList.toggle("stale", words.length > 0);
  if (!words.length) return;
  const alert = document.createElement("p");
  alert.className = "alert lost";
  alert.setAttribute("role", "alert");
  alert.textContent = words.filter(Boolean).join(" ");
  answer.prepend(alert);
}

// The rows that name a qualification: their three fields go together, a blank tariff among them.
const ofRows = new Set(["code", "tariff", "nature"]);
function namedRows(form) {
  return [...form.querySelectorAll("[data-row]")]
    .map((row) => [...row.querySelectorAll("input, select")])
    .filter(([code, tariff]) => code.value.trim() || tariff.value);
}

// What the event chosen hides is not asked: it stands there still, for the event that takes it.
function askWhatIsShown() {
  for (const part of document.querySelectorAll("[data-unasked]")) {
    const hidden = getComputedStyle(part).display === "none";
    for (const field of part.querySelectorAll("input")) field.disabled = hidden;
  }
}
askWhatIsShown();
document.addEventListener("input", askWhatIsShown, true);

if (live) {
  const answer = document.getElementById(live.dataset.live);
  const place = live.action.split(/[?#]/)[0];
  let asked = new AbortController();
  let waiting;

  const ask = async (wanted) => {
    clearTimeout(waiting);
    asked.abort();
    const question = new AbortController();
    asked = question;
    const late = setTimeout(() => question.abort("late"), 15000);
    const sent = [];
    const query = new URLSearchParams(new FormData(live));
    for (const [name, value] of [...query]) if (value === "") query.delete(name, value);
    // Blank codes leave their tariff and kind behind: the three must stay of one length.
    if (live.querySelector("[data-row]")) for (const name of ofRows) query.delete(name);
    for (const row of namedRows(live)) {
      sent.push(row[0]);
      for (const field of row) query.append(field.name, field.value);
    }
    answer.classList.add("answering");
    answer.setAttribute("aria-busy", "true");
    try {
      const reply = await fetch(`${place}?part=answer`, { method: "POST", body: query, signal: question.signal }); // no log holds a turnover
      if (!reply.ok) {
        lost(answer, live.dataset.lost, (await reply.json().catch(() => ({}))).detail);
        return;
      }
      const text = await reply.text();
      const open = [...answer.querySelectorAll("details")].map((item) => item.open);
      answer.innerHTML = text;
      answer.classList.remove("stale");
      answer.querySelectorAll("details").forEach((item, index) => { item.open = open[index] ?? item.open; });
      const told = answer.firstElementChild;
      if (told.dataset.schedule !== live.dataset.schedule) {
        location.assign(`${place}?${query}`); // another schedule has another form
        return;
      }
      const address = told.dataset.address ? `?${told.dataset.address}` : location.pathname;
      history.replaceState(null, "", address);
      const language = document.getElementById("language");
      if (language) language.search = told.dataset.address ? address : "";
      speak(told.dataset.spoken);
      markMistakes(live, answer, sent);
      reveal(answer);
    } catch (error) {
      if (asked === question && (error === "late" || error.name !== "AbortError")) lost(answer, live.dataset.lost);
    } finally {
      clearTimeout(late);
      if (asked === question) {
        answer.classList.remove("answering");
        answer.removeAttribute("aria-busy");
        if (wanted) show(answer);
      }
    }
  };

  const soon = () => {
    clearTimeout(waiting);
    asked.abort(); // what is on its way answers what was typed before
    asked = new AbortController();
    answer.setAttribute("aria-busy", "true");
    waiting = setTimeout(() => ask(false), 180);
  };

  live.addEventListener("input", soon);
  live.addEventListener("change-rows", soon);
  live.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(true);
  });
} else {
  const told = document.querySelector("#answer[data-told]");
  if (told) show(told);
}

// Files are sent from where they were chosen: the form stays as it is, and there is nothing to go back from.
const sending = document.querySelector("form[data-send]");
if (sending) {
  const answer = document.getElementById(sending.dataset.send);
  sending.addEventListener("submit", async (event) => {
    if (event.submitter?.name === "language") return; // the page in the other language, with all that stands here
    event.preventDefault();
    if (answer.hasAttribute("aria-busy")) return;
    answer.setAttribute("aria-busy", "true");
    answer.classList.add("answering");
    speak(sending.dataset.wait);
    try {
      const reply = await fetch(sending.action.split("#")[0], { method: "POST", body: new FormData(sending) });
      const text = await reply.text();
      const fresh = new DOMParser().parseFromString(text, "text/html");
      const found = fresh.getElementById(answer.id);
      if (found) {
        answer.replaceChildren(...found.childNodes);
        answer.classList.remove("stale");
        speak(fresh.getElementById("spoken").textContent);
        markMistakes(sending, answer, []);
        reveal(answer);
      } else {
        let detail = "";
        try { detail = JSON.parse(text).detail; } catch { /* no problem that is told so */ }
        lost(answer, sending.dataset.lost, detail);
      }
    } catch {
      lost(answer, sending.dataset.lost);
    }
    answer.classList.remove("answering");
    answer.removeAttribute("aria-busy");
    sending.dispatchEvent(new Event("answered"));
    show(answer);
  });
}

// A verdict on files stands for the question that was asked: beside another one, it says so.
const checking = document.querySelector("form[data-changed]");
if (checking) {
  const answer = document.getElementById("answer");
  const question = () => JSON.stringify([...new FormData(checking)].map(([name, value]) => [name, value.name ?? value]));
  let asked = question();
  checking.addEventListener("answered", () => { asked = question(); });
  document.addEventListener("input", (event) => {
    if (event.target.form !== checking || !answer.querySelector(".sheet")) return;
    if (question() === asked) lost(answer);
    else if (!answer.classList.contains("stale")) lost(answer, checking.dataset.changed);
  });
}

// What was typed goes with the reader from a question to another.
const typed = document.querySelector("main form");
const days = new Set(["on", "start"]); // an invoice, a certificate has its own
document.querySelector(".tabs")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || !typed) return;
  const carried = new URLSearchParams(link.search);
  const own = new FormData(typed);
  const here = new Set([...typed.elements].filter((field) => typed.contains(field)).map((field) => field.name));
  for (const name of here) if (name) carried.delete(name);
  if (here.has("code")) for (const name of ["q", "p", "new"]) carried.delete(name); // they stand in the rows
  for (const [name, value] of own) if (here.has(name) && typeof value === "string" && value && !days.has(name) && !ofRows.has(name)) carried.append(name, value);
  for (const row of namedRows(typed)) for (const field of row) carried.append(field.name, field.value);
  const day = live && (own.get("on") || own.get("start"));
  if (day) carried.set("start", day); // the day of a quote, as a plan calls it
  link.search = carried;
});

const rows = document.getElementById("rows");
let named = rows ? rows.children.length : 0;
const addRow = () => {
  const count = named;
  named += 1;
  const row = rows.lastElementChild.cloneNode(true);
  row.querySelector("#found")?.remove();
  for (const field of row.querySelectorAll("input, select, label, button")) {
    for (const name of ["id", "for"]) {
      const value = field.getAttribute(name);
      if (value) field.setAttribute(name, value.replace(/\d+$/, count));
    }
    if (field.matches("input")) field.value = "";
    if (field.matches("select")) field.selectedIndex = 0;
    if (field.matches("button")) {
      field.value = count;
      field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+/, count + 1));
    }
  }
  row.querySelector(".named").textContent = "";
  for (const text of row.querySelectorAll(".mistake")) text.remove();
  rows.append(row);
  row.querySelector("input").focus();
};

const removeRow = (row) => {
  if (rows.children.length > 1) {
    const next = row.nextElementSibling || row.previousElementSibling;
    rows.after(...row.querySelectorAll("#found"));
    row.remove();
    next.querySelector("input").focus();
  } else {
    row.querySelector("input").value = "";
    row.querySelector(".named").textContent = "";
    row.querySelector("input").focus();
  }
};

// Words search the nomenclature as they are typed: a combobox, whose list holds codes of the table alone.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[^a-z0-9]+/g, " ").trim();

function searches(rows) {
  const known = [...document.querySelectorAll("#codes option")];
  const list = document.createElement("ul");
  list.id = "found";
  list.className = "found";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", rows.dataset.found);
  rows.after(list);
  let field = null;
  let active = -1;

  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    if (field) field.setAttribute("aria-expanded", "false");
    if (field) field.removeAttribute("aria-activedescendant");
    active = -1;
  };
  const go = (index) => {
    const items = [...list.children];
    active = (index + items.length) % items.length;
    items.forEach((item, at) => item.setAttribute("aria-selected", String(at === active)));
    field.setAttribute("aria-activedescendant", items[active].id);
    items[active].scrollIntoView({ block: "nearest" });
  };
  const open = (input, all) => {
    close();
    field = input;
    const words = plain(input.value).split(" ").filter(Boolean);
    const found = known.filter((option) => words.every((word) => ` ${option.dataset.words}`.includes(` ${word}`)));
    if (!found.length || (!words.length && !all) || /^\d{4}$/.test(input.value.trim())) return false;
    list.replaceChildren(...found.map((option, at) => {
      const item = document.createElement("li");
      const code = document.createElement("b");
      code.textContent = option.value;
      item.append(code, ` ${option.textContent}`);
      item.id = `found-${at}`;
      item.dataset.code = option.value;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      return item;
    }));
    input.closest("[data-row]").append(list);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    return true;
  };
  const choose = (item) => {
    const input = field;
    close();
    input.value = item.dataset.code;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  };

  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) choose(item);
  });
  rows.addEventListener("focusin", (event) => {
    if (event.target.matches("input") && /\p{L}/u.test(event.target.value)) open(event.target, false);
  });
  rows.addEventListener("focusout", close);
  rows.addEventListener("keydown", (event) => {
    if (!event.target.matches("input") || event.isComposing) return;
    const shown = !list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      if (shown || open(event.target, true)) go(active < 0 && step < 0 ? -1 : active + step);
    } else if (event.key === "Enter" && shown && active >= 0) {
      choose(list.children[active]);
    } else if (event.key === "Escape" && shown) {
      close();
    } else {
      if (event.key === "Enter") close();
      return;
    }
    event.preventDefault();
  });
  return { open, close, known };
}

const combobox = (row) => {
  const field = row.querySelector("input");
  field.removeAttribute("list");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", "found"]]) field.setAttribute(name, value);
  row.querySelector("ul.found")?.remove(); // the list for who has no script
};

if (rows) {
  const form = rows.closest("form");
  for (const row of rows.children) combobox(row);
  const search = searches(rows);
  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || !event.target.matches("input")) return;
    const known = search.known.find((option) => option.value === event.target.value);
    row.querySelector(".named").textContent = known ? known.textContent : "";
    if (known && known.dataset.tariff) row.querySelector("select").value = known.dataset.tariff;
    search.open(event.target, false);
  }, { capture: true });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || !(button.id === "more" || button.name === "without")) return;
    event.preventDefault();
    search.close();
    if (button.id === "more") addRow();
    else removeRow(button.closest("[data-row]"));
    form.dispatchEvent(new Event("change-rows"));
  });
}

// The firm, kept by this browser alone, where its reader asks; what is kept is shown, and erased by a click.
const memory = document.getElementById("memory");
const store = (() => { try { return window.localStorage; } catch { return null; } })();

if (memory && store) {
  const name = "opqibi-firm";
  const ofTheFirm = /^(t\d+|vat|year_end|.*turnover.*)$/;
  const [text, keep, use, erase] = [memory.querySelector("span"), ...["keep", "use", "erase"].map((id) => document.getElementById(id))];
  const show = () => {
    const kept = new URLSearchParams(store.getItem(name) || "");
    const told = [];
    for (const [key, value] of kept) {
      const field = document.getElementById(key);
      const label = field?.labels?.[0];
      const chosen = [...(field?.options || [])].find((option) => option.value === value);
      if (key === "q" || key === "p") told.push(value);
      else if (label) told.push(`${(label.querySelector(".tariff") || label).textContent.trim()} ${chosen ? chosen.text : value}`);
    }
    text.textContent = told.join(", ");
    memory.hidden = !told.length;
  };
  keep.addEventListener("click", () => {
    const kept = new URLSearchParams();
    for (const [key, value] of new FormData(live)) {
      if (value && ofTheFirm.test(key)) kept.append(key, value);
    }
    for (const row of live.querySelectorAll("[data-row]")) {
      const [code, tariff, nature] = row.querySelectorAll("input, select");
      if (code.value.trim() && nature.value !== "new") kept.append(nature.value === "full" ? "q" : "p", [code.value.trim(), tariff.value].filter(Boolean).join(":"));
    }
    store.setItem(name, String(kept));
    show();
  });
  use.addEventListener("click", () => location.assign(`?${store.getItem(name)}`));
  erase.addEventListener("click", () => {
    store.removeItem(name);
    keep.focus();
    show();
  });
  keep.hidden = false;
  show();
}

// Files dropped anywhere on the page come to its box: a browser would leave the page to show them.
for (const drop of document.querySelectorAll(".drop")) {
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const dropped = event.dataTransfer.files;
    if (!dropped.length || (dropped.length > 1 && !drop.multiple)) return;
    drop.files = dropped;
    drop.dispatchEvent(new Event("change"));
  });
}

for (const field of document.querySelectorAll("[data-largest]")) {
  field.addEventListener("change", () => {
    const size = [...field.files].reduce((sum, file) => sum + file.size, 0);
    field.setCustomValidity(size > Number(field.dataset.largest) ? field.dataset.tooLarge : "");
    field.reportValidity();
    // What was read before stays here: the new file takes its place.
    for (const kept of document.querySelectorAll("[name=parcel], [name=seal]")) kept.disabled = size > 0;
  });
}

// While files are read: said once, and asked once. A file to be kept leaves the page as it is.
for (const form of document.querySelectorAll("[data-busy]")) {
  const answer = document.getElementById("answer");
  form.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.name === "form") return;
    if (answer.hasAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    const told = document.createElement("p");
    told.className = "blank busy";
    told.textContent = form.dataset.busy;
    answer.setAttribute("aria-busy", "true");
    answer.prepend(told);
    speak(form.dataset.busy);
  });
  window.addEventListener("pageshow", () => {
    answer.removeAttribute("aria-busy");
    for (const told of answer.querySelectorAll(".busy")) told.remove();
  });
}

// A value and its place on the picture point at each other.
for (const pages of document.querySelectorAll(".pages")) {
  const at = (field, there) => {
    const place = document.getElementById(field.dataset.place);
    if (!place) return;
    place.classList.toggle("at", there);
    if (there && getComputedStyle(pages).position === "sticky") place.scrollIntoView({ block: "nearest" });
  };
  for (const field of pages.parentElement.querySelectorAll("[data-place]")) {
    field.addEventListener("focus", () => at(field, true));
    field.addEventListener("blur", () => at(field, false));
  }
  pages.addEventListener("click", (event) => {
    const place = event.target.closest("a");
    const field = place && document.getElementById(place.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    const fold = field.closest("details");
    if (fold) fold.open = true;
    field.focus();
  });
}

reveal(document);
