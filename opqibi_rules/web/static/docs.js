// The reference is whole without this file. With it, each route can be tried from the page, against this very server.
"use strict";

for (const fold of document.querySelectorAll(".try")) {
  fold.hidden = false;
  const form = fold.querySelector("form");
  const shown = fold.querySelector("pre");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { method, path, kind, silent } = form.dataset;
    const given = new FormData(form);
    const query = new URLSearchParams();
    const asked = { method, headers: { Accept: "application/json" } };
    const sent = new FormData();
    for (const [name, value] of given) {
      if (name === "body") asked.body = value;
      else if (name === "file" || name === "question") sent.append(name, value);
      else if (value) query.append(name, value);
    }
    if (kind === "application/json") asked.headers["Content-Type"] = kind;
    else if (kind) asked.body = sent;
    try {
      const reply = await fetch(`${path}${query.size ? `?${query}` : ""}`, asked);
      const text = await reply.text();
      let said = text;
      try { said = JSON.stringify(JSON.parse(text), null, 2); } catch { /* shown as it came */ }
      shown.textContent = `HTTP ${reply.status}\n${said}`;
    } catch {
      shown.textContent = silent;
    }
    shown.hidden = false;
  });
}
