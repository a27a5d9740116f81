/* The page says everything without this; with it, it also shows the live numbers and this page's own address. */
'use strict';

for (const place of document.querySelectorAll('.origin')) place.textContent = location.origin;

const numbers = document.querySelector('.numbers');
const words = { users: 'people', patients: 'patients', healthpros: 'professionals', caregivers: 'caregivers' };

fetch('/api/v1/status', { headers: { Accept: 'application/json' } })
  .then((reply) => (reply.ok ? reply.json() : Promise.reject(reply.status)))
  .then((status) => {
    for (const [member, word] of Object.entries(words)) {
      if (!Number.isInteger(status[member])) continue;
      const pair = document.createElement('div');
      const term = document.createElement('dt');
      const value = document.createElement('dd');
      term.textContent = word;
      value.textContent = status[member].toLocaleString('en');
      pair.append(term, value);
      numbers.append(pair);
    }
    numbers.parentElement.hidden = !numbers.children.length;
  })
  .catch(() => {});      /* no numbers: the section stays hidden */
