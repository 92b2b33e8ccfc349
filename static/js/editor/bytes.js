const PORTION = 0x8000;

export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += PORTION) text += String.fromCharCode(...bytes.subarray(at, at + PORTION));
  return btoa(text);
}

export function fromBase64(words) {
  return Uint8Array.from(atob(words), (letter) => letter.charCodeAt(0));
}
