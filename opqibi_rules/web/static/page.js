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
      await navigator.clipboard.writeText(location.href);
      button.textContent = button.dataset.done;
      speak(button.dataset.done);
    });
  }
}

function speak(text) {
  const spoken = document.getElementById("spoken");
  if (spoken) spoken.textContent = text;
}

function markMistakes(form, answer) {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const text of form.querySelectorAll(".mistake")) text.remove();
  for (const item of answer.querySelectorAll("[data-input]")) {
    const field = item.dataset.input && document.getElementById(item.dataset.input);
    if (field) field.setAttribute("aria-invalid", "true");
  }
}

if (live) {
  const answer = document.getElementById(live.dataset.live);
  let asked = new AbortController();
  let waiting;

  const ask = async () => {
    asked.abort();
    asked = new AbortController();
    const query = new URLSearchParams(new FormData(live));
    for (const [name, value] of [...query]) if (value === "") query.delete(name, value);
    // Blank codes leave their tariff and kind behind: the three must stay of one length.
    for (const name of ["code", "tariff", "nature"]) query.delete(name);
    for (const row of live.querySelectorAll("[data-row]")) {
      const [code, tariff, nature] = row.querySelectorAll("input, select");
      if (code.value.trim()) {
        query.append("code", code.value);
        query.append("tariff", tariff.value);
        query.append("nature", nature.value);
      }
    }
    query.append("part", "answer");
    answer.classList.add("answering");
    answer.setAttribute("aria-busy", "true");
    try {
      const reply = await fetch(`${live.action.split("?")[0]}?${query}`, { signal: asked.signal });
      if (!reply.ok) return;
      const text = await reply.text();
      const open = [...answer.querySelectorAll("details")].map((item) => item.open);
      answer.innerHTML = text;
      answer.querySelectorAll("details").forEach((item, index) => { item.open = open[index] ?? item.open; });
      const told = answer.firstElementChild;
      if (told.dataset.schedule !== live.dataset.schedule) {
        query.delete("part"); // another schedule has another form
        location.assign(`${live.action.split("?")[0]}?${query}`);
        return;
      }
      const address = told.dataset.address ? `?${told.dataset.address}` : location.pathname;
      history.replaceState(null, "", address);
      const language = document.getElementById("language");
      language.search = told.dataset.address ? address : "";
      speak(told.dataset.spoken);
      markMistakes(live, answer);
      reveal(answer);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    } finally {
      answer.classList.remove("answering");
      answer.removeAttribute("aria-busy");
    }
  };

  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 180);
  };

  live.addEventListener("input", soon);
  live.addEventListener("change-rows", soon);
  live.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
}

const rows = document.getElementById("rows");
let named = rows ? rows.children.length : 0;
const addRow = () => {
  const count = named;
  named += 1;
  const row = rows.lastElementChild.cloneNode(true);
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
    row.remove();
    next.querySelector("input").focus();
  } else {
    row.querySelector("input").value = "";
    row.querySelector(".named").textContent = "";
    row.querySelector("input").focus();
  }
};

if (rows) {
  const form = rows.closest("form");
  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || !event.target.matches("input")) return;
    const known = [...document.querySelectorAll("#codes option")].find((o) => o.value === event.target.value);
    row.querySelector(".named").textContent = known ? known.textContent : "";
    if (known && known.dataset.tariff) row.querySelector("select").value = known.dataset.tariff;
  }, { capture: true });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || !(button.id === "more" || button.name === "without")) return;
    event.preventDefault();
    if (button.id === "more") addRow();
    else removeRow(button.closest("[data-row]"));
    form.dispatchEvent(new Event("change-rows"));
  });
}

for (const drop of document.querySelectorAll(".drop")) {
  for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, () => drop.classList.add("over"));
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
}

reveal(document);
