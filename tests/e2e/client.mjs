/* A client that sends exactly the path it is given (fetch would tidy up `..`), keeps connections, and never throws for a
 * status. */

import * as http from 'node:http';
import { wait_max } from './stack.mjs';

export class Client {
  constructor(url, headers = {}) {
    this.url = new URL(url);
    this.headers = headers;
    this.agent = new http.Agent({ keepAlive: true });
  }

  as(headers) {
    return new Client(this.url, { ...this.headers, ...headers });
  }

  /* body: an object becomes JSON, URLSearchParams a form, a string or buffer stays what it is. */
  request(method, path, body, headers = {}) {
    const sent = { ...this.headers, ...headers };
    const type = (value) => { sent['Content-Type'] ??= value; };
    let bytes = body;
    if (body instanceof URLSearchParams) {
      type('application/x-www-form-urlencoded');
      bytes = body.toString();
    } else if (body !== undefined && typeof body === 'object' && !Buffer.isBuffer(body)) {
      type('application/json');
      bytes = JSON.stringify(body);
    }
    if (bytes !== undefined && !sent['Transfer-Encoding']) sent['Content-Length'] ??= Buffer.byteLength(bytes);
    return new Promise((done, fail) => {
      const request = http.request(
        { host: this.url.hostname.replace(/^\[|\]$/g, ''), port: this.url.port, method, path, headers: sent, agent: this.agent, timeout: wait_max },
        (reply) => {
          const parts = [];
          reply.on('data', (part) => parts.push(part));
          reply.on('error', fail);
          reply.on('end', () => {
            const text = Buffer.concat(parts).toString();
            let json;
            try { json = JSON.parse(text); } catch { json = undefined; }
            done({ status: reply.statusCode, headers: reply.headers, text, json });
          });
        },
      );
      request.on('timeout', () => request.destroy(new Error(`no answer within ${wait_max} ms`)));
      request.on('error', fail);
      if (bytes !== undefined) request.write(bytes);
      request.end();
    });
  }

  get(path, headers) { return this.request('GET', path, undefined, headers); }
  delete(path, headers) { return this.request('DELETE', path, undefined, headers); }
  post(path, body, headers) { return this.request('POST', path, body, headers); }
  put(path, body, headers) { return this.request('PUT', path, body, headers); }
  patch(path, body, headers) { return this.request('PATCH', path, body, headers); }

  async login(name, password) {
    const reply = await this.post('/api/v1/auth/login', { name, password });
    if (reply.status !== 200) throw new Error(`login of ${name}: ${reply.status} ${reply.text}`);
    return this.as({ Authorization: `Bearer ${reply.json.access_token}` });
  }
}
