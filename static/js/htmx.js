// htmx, with the form token on every request it makes.
import htmx from "htmx.org/dist/htmx.esm.js";

document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-CSRF-Token"] = document.body.dataset.csrf;
});

export default htmx;
