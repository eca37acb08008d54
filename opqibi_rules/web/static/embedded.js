// Within a frame of another site: its height, and nothing else, is told to the page around.
"use strict";

new ResizeObserver(() => {
  parent.postMessage({ opqibiHeight: document.documentElement.getBoundingClientRect().height }, "*");
}).observe(document.documentElement);
