// The guides speak of the local stack; here their examples carry the address of the server that shows them.
const WRITTEN_ORIGIN = 'http://127.0.0.1:3000';

for (const code of document.querySelectorAll('code')) {
  code.textContent = code.textContent.replaceAll(WRITTEN_ORIGIN, location.origin);
}
