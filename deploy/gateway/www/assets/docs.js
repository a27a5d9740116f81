/* The API page: swagger-ui over /openapi.json, and a login that gives its token to "Try it out". The token stays in this
 * page's memory. */
'use strict';

const login = document.getElementById('login');
const logout = document.getElementById('logout');
const said = document.getElementById('said');
let token = null;

const ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,             /* the default asks a validator on the internet */
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
});

function say(text, bad = false) {
  said.textContent = text;
  said.classList.toggle('bad', bad);
}

/* The document's own name of its bearer scheme. */
function bearer_scheme() {
  const schemes = ui.specSelectors.specJson().toJS().components?.securitySchemes ?? {};
  return Object.keys(schemes).find((name) => schemes[name].type === 'http' && schemes[name].scheme?.toLowerCase() === 'bearer');
}

function authorise(value) {
  const scheme = bearer_scheme();
  token = value;
  if (!scheme) return;
  if (value) ui.preauthorizeApiKey(scheme, value);
  else ui.authActions.logout([scheme]);
}

async function post(path, body) {
  const headers = { Accept: 'application/json' };
  if (body) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  const reply = await fetch(path, { method: 'POST', headers, body: body && JSON.stringify(body) });
  const answer = await reply.json().catch(() => ({}));
  if (!reply.ok) throw Object.assign(new Error(answer.detail || answer.title || `The login was answered with ${reply.status}.`), { type: answer.type });
  return answer;
}

/* Asks for the code of a second factor, or no longer; the password stays until it has come. */
function ask_for_code(asked) {
  document.getElementById('second-factor').hidden = !asked;
  document.getElementById('code').value = '';
  if (asked) document.getElementById('code').focus();
  else document.getElementById('password').value = '';
}

login.addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(login));
  if (!fields.code) delete fields.code;
  let code_wanted = false;
  say('');
  try {
    const answer = await post('/api/v1/auth/login', fields);
    authorise(answer.access_token);
    document.getElementById('who').textContent =
      `${answer.account.name}, ${answer.account.specialty ?? answer.account.role}`;
    login.hidden = true;
    logout.hidden = false;
    say('Logged in: "Try it out" now sends your token.');
  } catch (problem) {
    code_wanted = problem.type === '/problems/second-factor-required';
    say(problem.message, !code_wanted);
  }
  ask_for_code(code_wanted);
});

logout.addEventListener('submit', async (event) => {
  event.preventDefault();
  await post('/api/v1/auth/logout').catch(() => {});
  authorise(null);
  login.hidden = false;
  logout.hidden = true;
  say('Logged out.');
});
