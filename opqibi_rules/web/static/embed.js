// For a page of another site: <script src="https://…/static/embed.js" data-lang="fr" async></script> puts the simulator
// there, in a frame as high as what it shows. Nothing of the page around is read.
"use strict";

{
  const script = document.currentScript;
  const frame = document.createElement("iframe");
  const address = new URL(script.dataset.lang === "en" ? "../en/embed" : "../embed", script.src);
  frame.src = address;
  frame.title = script.dataset.lang === "en" ? "OPQIBI fee simulator" : "Simulateur des frais de l’OPQIBI";
  frame.style.cssText = "width: 100%; height: 40rem; border: 0";
  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow || event.origin !== address.origin) return;
    const height = Number(event.data?.opqibiHeight);
    if (height > 0) frame.style.height = `${Math.ceil(height)}px`;
  });
  script.after(frame);
}
