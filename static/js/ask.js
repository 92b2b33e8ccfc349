// What the portal answers there, as JSON; null when it does not answer or says no.
export async function ask(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch (failure) {
    if (failure instanceof TypeError) return null;
    throw failure;
  }
}
