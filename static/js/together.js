// <div data-together="/address of the document" hidden> beside <form data-alone>: where the editor can be loaded it takes the form's
// place, and several write at once. A text that somebody has begun in the form is finished there.
import { live } from "./live.js";

const places = [...document.querySelectorAll("[data-together]")].filter((place) => !hasBegunAlone(place));
if (places.length) open();

async function open() {
  try {
    const { begin } = await import("./editor/index.js");
    await Promise.all(places.map((place) => begin(place, live)));
  } catch (failure) {
    console.error(failure); // the form is still there
  }
}

function hasBegunAlone(place) {
  const form = place.parentElement.querySelector("form[data-alone]");
  return Boolean(form) && sessionStorage.getItem(`autosave ${new URL(form.dataset.autosave, location.href).pathname}`) !== null;
}
