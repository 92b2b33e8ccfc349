// What the portal answers there, as JSON; null when it does not answer or says no.
export const ask = (address) => answered(address, (answer) => answer.json(), { headers: { Accept: "application/json" } });

// The same of a page.
export const askPage = (address) => answered(address, async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html"));

async function answered(address, read, options = {}) {
  try {
    const answer = await fetch(address, options);
    return answer.ok ? await read(answer) : null;
  } catch (failure) {
    if (failure instanceof TypeError) return null;
    throw failure;
  }
}
