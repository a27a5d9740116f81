/* Journeys through the suite as its users see it: only the gateway's address and the demo accounts' names are known. They
 * run one after another in this order; the ones that break things on purpose come last and put them right again. */

import { after, before, describe } from 'node:test';
import { Client } from './client.mjs';
import { Stack } from './stack.mjs';
import entrance from './journeys/entrance.mjs';
import login from './journeys/login.mjs';
import second_factor from './journeys/second_factor.mjs';
import clinic from './journeys/clinic.mjs';
import clients from './journeys/clients.mjs';
import models from './journeys/models.mjs';
import registry from './journeys/registry.mjs';
import comparisons from './journeys/comparisons.mjs';
import tasks from './journeys/tasks.mjs';
import elements from './journeys/elements.mjs';
import refusals from './journeys/refusals.mjs';
import pages from './journeys/pages.mjs';
import repeats from './journeys/repeats.mjs';
import issuers from './journeys/issuers.mjs';
import keys from './journeys/keys.mjs';
import outages from './journeys/outages.mjs';
import log from './journeys/log.mjs';

/* What the journeys share; filled before the first. */
const the = {};

describe('the suite', () => {
  before(async () => {
    the.stack = new Stack();
    try {
      await the.stack.start();
      the.password = the.stack.password;
      the.anyone = new Client(the.stack.gateway.url);
      the.neurologist = await the.anyone.login('Dr. Ada Neuro', the.password);
      the.caregiver = await the.anyone.login('Carl Caregiver', the.password);
      the.patient = await the.anyone.login('Paula Patient', the.password);
    } catch (problem) {
      await the.stack.stop().catch(() => {});
      throw problem;
    }
  });
  after(() => the.stack.stop());

  const parts = [entrance, login, second_factor, clinic, clients, models, registry, comparisons, tasks, elements, refusals, pages, repeats, issuers, keys, outages, log];
  for (const part of parts) part(the);
});
