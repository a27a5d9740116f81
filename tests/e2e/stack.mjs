/* The suite as it runs for users, for a test: a database cloned from the migrated template, a small population, all
 * services and the gateway on free loopback ports. Everything it starts is ended by stop(), also when the tests fail; what
 * a killed test leaves behind is ended by the `run` script, which reads the file `pids`. */

import { execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import * as dgram from 'node:dgram';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as net from 'node:net';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const services = fs.readFileSync(path.join(root, 'services/list'), 'utf8').match(/^[a-z]+/gm);
const workers = services.filter((name) => fs.existsSync(path.join(root, 'services', name, 'worker_main.c'))).map((name) => `${name}-worker`);
const programs = [...services, ...workers];

const demo_people = 200, demo_tumours = 300;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/* Time limits bound a hang; a machine that is slow or busy does not come near them. */
export const wait_max = 120000, test_max = 300000;

/* Polls until the condition holds. */
export async function until(what, condition) {
  const end = Date.now() + wait_max;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${wait_max} ms`);
    await sleep(20);
  }
}

/* Something that one process can listen on at a time. */
function listens(where) {
  return new Promise((done) => {
    const server = net.createServer().unref();
    server.on('error', () => done(null));
    server.listen(where, () => done(server));
  });
}

export const has_ipv6 = async () => (await listens({ port: 0, host: '::1' })) !== null;

/* The datagram port of that number, held while this process lives, keeps the port from other stacks until it is used, and
 * again. */
function is_ours(port) {
  return new Promise((done) => {
    const socket = dgram.createSocket('udp4');
    socket.on('error', () => socket.close(() => done(false)));
    socket.bind(port, '127.0.0.1', () => done(Boolean(socket.unref())));
  });
}

async function is_free(port) {
  const server = await listens({ port, host: '127.0.0.1' });
  if (server) await new Promise((done) => server.close(done));
  return server !== null;
}

/* Below the range that the kernel takes for outgoing connections: a port from there may be gone before it is used. */
async function free_port() {
  for (;;) {
    const port = randomInt(12000, 32000);
    if ((await is_ours(port)) && (await is_free(port))) return port;
  }
}

function required(name, ...others) {
  const value = [name, ...others].map((n) => process.env[n]).find(Boolean);
  if (!value) throw new Error(`${name} is not set; tests/e2e/README.md says what the tests need`);
  return value;
}

/* The status of a GET, or 0 when nothing answers. */
export function status_of(port, where) {
  return new Promise((done) => {
    const request = http.get({ port, host: '127.0.0.1', path: where, timeout: 5000 }, (reply) => {
      reply.resume();
      done(reply.statusCode);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => done(0));
  });
}

class Process {
  constructor(name, work) {
    this.name = name;
    this.work = work;
    this.log = path.join(work, `${name}.log`);
    this.child = null;
  }

  start(program, args, env) {
    if (this.running) throw new Error(`${this.name} runs already`);
    const out = fs.openSync(this.log, 'a');
    this.child = spawn(program, args, { env, stdio: ['ignore', out, out], cwd: this.work, detached: true });
    fs.closeSync(out);
    this.ended = new Promise((done) => this.child.once('close', (code, signal) => done({ code, signal })));
    this.child.once('error', () => {});
    fs.appendFileSync(path.join(this.work, 'pids'), `${this.child.pid}\n`);
  }

  get running() {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  kill(signal) {
    if (this.running) this.child.kill(signal);
    return this.ended;
  }

  async stop() {
    if (!this.running) return;
    const late = setTimeout(() => this.child.kill('SIGKILL'), wait_max);
    await this.kill('SIGTERM');
    clearTimeout(late);
  }

  last_words() {
    return fs.existsSync(this.log) ? fs.readFileSync(this.log, 'utf8').split('\n').slice(-25).join('\n') : '';
  }
}

export class Stack {
  constructor() {
    this.bin = path.resolve(required('BIN_DIR', 'MNEMOS_BIN'));
    this.superuser = required('TEST_DATABASE_URL');
    this.work = required('E2E_WORK');
    this.database = `mnemos_e2e_${process.pid}`;
    this.password = `demo-${randomBytes(6).toString('hex')}`;
    this.secret = randomBytes(32).toString('hex');
    this.processes = {};
    this.ports = {};
    this.gateways = 0;
  }

  async start() {
    for (const name of programs) this.ports[name] = { http: await free_port(), ops: await free_port() };
    this.create_database();
    execFileSync(path.join(this.bin, 'mnemosctl'), ['generate', '--people', String(demo_people), '--tumours', String(demo_tumours), '--seed', '1'], {
      env: { ...this.base_env(), DATABASE_URL: this.database_url('mnemos_owner'), DEMO_PASSWORD: this.password },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    execFileSync(path.join(root, 'deploy/gateway/assemble'), [path.join(this.work, 'www'), this.bin], { stdio: 'inherit' });
    for (const name of programs) this.start_service(name);
    for (const name of programs) await this.ready(name);
    this.gateway = await this.start_gateway();
    return this;
  }

  async stop() {
    for (const process of Object.values(this.processes).reverse()) await process.stop();
    this.psql('postgres', `DROP DATABASE IF EXISTS "${this.database}" WITH (FORCE)`);
  }

  /* ---- the database ---- */

  psql(database, sql) {
    const args = ['--no-psqlrc', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-d', this.superuser];
    const script = database === 'postgres' ? sql : `\\c "${database}"\n${sql}`;
    return execFileSync('psql', args, { input: `${script}\n`, encoding: 'utf8', timeout: wait_max }).trim();
  }

  create_database() {
    this.server = {
      sockets: this.psql('postgres', 'SHOW unix_socket_directories').split(',')[0].trim().replace(/^"(.*)"$/, '$1'),
      port: this.psql('postgres', 'SHOW port'),
      data: this.psql('postgres', 'SHOW data_directory'),
      programs: this.psql('postgres', "SELECT setting FROM pg_config WHERE name = 'BINDIR'"),
    };
    this.psql('postgres', `CREATE DATABASE "${this.database}" TEMPLATE mnemos_template OWNER mnemos_owner`);
    fs.appendFileSync(path.join(this.work, 'databases'), `${this.database}\n`);
  }

  database_url(role) {
    return `postgresql://${role}@/${this.database}?host=${encodeURIComponent(this.server.sockets)}&port=${this.server.port}`;
  }

  /* PostgreSQL refuses to run as root: whoever owns the data runs it. */
  pg_ctl(...args) {
    const owner = fs.statSync(this.server.data);
    const who = process.getuid() === 0 ? { uid: owner.uid, gid: owner.gid } : {};
    execFileSync(path.join(this.server.programs, 'pg_ctl'), ['-s', '-w', '-t', String(wait_max / 1000), '-D', this.server.data, ...args], {
      ...who, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  stop_postgres(mode = 'fast') {
    const command = fs.readFileSync(path.join(this.server.data, 'postmaster.opts'), 'utf8').trim();
    this.server.options = command.replace(/^\S+\s*/, '').replace(/"-D"\s+"[^"]*"\s*/, '');
    this.pg_ctl('-m', mode, 'stop');
  }

  crash_postgres() {
    this.stop_postgres('immediate');
  }

  start_postgres() {
    const options = this.server.options ? ['-o', this.server.options] : [];
    this.pg_ctl('-l', path.join(this.server.data, 'e2e.log'), ...options, 'start');
  }

  /* mnemosctl as an operator has it; what it says. */
  operate(...words) {
    return execFileSync(path.join(this.bin, 'mnemosctl'), words, {
      env: { ...this.base_env(), DATABASE_URL: this.database_url('mnemos_owner'), SIGNING_KEY_SECRET: this.secret },
      stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8',
    });
  }

  create_superuser(name, password) {
    execFileSync(path.join(this.bin, 'mnemosctl'), ['create-admin', name, '--superuser'], {
      env: { ...this.base_env(), DATABASE_URL: this.database_url('mnemos_owner') },
      input: `${password}\n`, stdio: ['pipe', 'ignore', 'inherit'],
    });
  }

  /* ---- the services ---- */

  base_env() {
    const kept = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|LANG|TMPDIR|(A|L|UB|T)SAN_OPTIONS|LLVM_PROFILE_FILE|GCOV_.*)$/.test(name));
    return Object.fromEntries(kept);
  }

  /* as: the name of a replica, which has ports and a process of its own. */
  start_service(name, settings = {}, as = name) {
    const { http: port, ops } = this.ports[as];
    const env = {
      ...this.base_env(),
      DATABASE_URL: this.database_url(`mnemos_${name.replace('-worker', '')}`),
      HTTP_ADDRESS: '127.0.0.1', HTTP_PORT: String(port),
      OPS_ADDRESS: '127.0.0.1', OPS_PORT: String(ops),
      TRUSTED_PROXY: '127.0.0.1',
      ...(name === 'auth' && { SIGNING_KEY_SECRET: this.secret, DEMO: 'on', LOGIN_BY_QUERY: 'on', COOKIE_SECURE: 'off' }),
      ...(name === 'users' && { TUMOUR_LEGEND: path.join(root, 'services/users/legend/hospital.json') }),
      ...settings,
    };
    this.processes[as] ??= new Process(as, this.work);
    this.processes[as].start(path.join(this.bin, `mnemos-${name}`), [], env);
  }

  async ready(name) {
    const process = this.processes[name];
    try {
      await until(`${name} is ready`, async () => {
        if (!process.running) throw new Error(`${name} ended`);
        return (await status_of(this.ports[name].ops, '/readyz')) === 200;
      });
    } catch (problem) {
      throw new Error(`${problem.message}\n${process.last_words()}`);
    }
  }

  async start_replica(name, as, settings = {}) {
    this.ports[as] = { http: await free_port(), ops: await free_port() };
    this.start_service(name, settings, as);
    await this.ready(as);
    return `http://127.0.0.1:${this.ports[as].http}`;
  }

  async restart(name, settings) {
    this.start_service(name, settings);
    await this.ready(name);
  }

  /* ---- the gateway ---- */

  /* A gateway with its own settings, in a folder with a space in its name; the tests of limits start a second one. */
  async start_gateway(settings = {}) {
    const name = `gateway-${++this.gateways}`;
    const run = path.join(this.work, `${name} run`);
    fs.mkdirSync(run);
    const port = await free_port();
    const upstreams = Object.fromEntries(services.map((s) => [`${s.toUpperCase()}_UPSTREAM`, `127.0.0.1:${this.ports[s].http}`]));
    const config = execFileSync(path.join(root, 'deploy/gateway/render'), [], {
      env: {
        ...this.base_env(), ...upstreams,
        WWW_ROOT: path.join(this.work, 'www'), RUN_DIR: run, GATEWAY_PORT: String(port), GATEWAY_WORKERS: '2',
        LOGIN_RATE: '1000r/s', LOGIN_BURST: '1000', ...settings,
      },
    });
    fs.writeFileSync(path.join(run, 'nginx.conf'), config);
    this.processes[name] = new Process(name, this.work);
    this.processes[name].start('nginx', ['-e', path.join(run, 'error.log'), '-p', run, '-c', path.join(run, 'nginx.conf'), '-g', 'daemon off;'], {
      ...this.base_env(), PATH: `${process.env.PATH}:/usr/sbin`,
    });
    await until(`${name} answers`, async () => {
      if (!this.processes[name].running) throw new Error(`${name} ended\n${this.processes[name].last_words()}`);
      return (await status_of(port, '/')) === 200;
    });
    return {
      name, port, url: `http://127.0.0.1:${port}`,
      access_log: path.join(run, 'access.log'), error_log: path.join(run, 'error.log'),
    };
  }

  /* Rows of `mnemos-NAME --routes`: a Markdown table with a method and a path in each row. */
  routes(name) {
    const table = execFileSync(path.join(this.bin, `mnemos-${name}`), ['--routes'], { encoding: 'utf8', env: this.base_env() });
    const rows = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim().replace(/^`|`$/g, '')));
    return rows
      .map((cells) => ({ method: cells.find((c) => /^[A-Z]{3,7}$/.test(c)), path: cells.find((c) => c.startsWith('/')) }))
      .filter((row) => row.method && row.path);
  }
}
