/* One line per test, what went wrong below the failed ones, and the summary as the last line. */

export default async function* reporter(events) {
  let passed = 0;
  let failed = 0;
  let told = 0;
  for await (const { type, data } of events) {
    if (data?.details?.type === 'suite') {
      /* Failed tests speak for themselves; a stack that did not come up has no other voice. */
      const error = data.details.error;
      if (error?.failureType === 'hookFailed' && !told++) yield `FAIL  ${data.name}: ${error.cause?.stack ?? error.message}\n`;
      continue;
    }
    const seconds = `${((data?.details?.duration_ms ?? 0) / 1000).toFixed(2)} s`;
    if (type === 'test:pass') {
      if (data.skip !== undefined) {
        if (!/does not match pattern/.test(data.skip)) yield `skip  ${data.name}${typeof data.skip === 'string' ? `: ${data.skip}` : ''}\n`;
      } else {
        passed++;
        yield `ok    ${data.name} (${seconds})\n`;
      }
    } else if (type === 'test:fail') {
      failed++;
      if (data.details.error?.failureType === 'cancelledByParent') continue;
      const error = data.details.error?.cause ?? data.details.error;
      const text = String(error?.stack ?? error?.message ?? error);
      yield `FAIL  ${data.name} (${seconds})\n${text.replace(/^/gm, '      ')}\n`;
    } else if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
    }
  }
  yield `${passed} passed, ${failed} failed\n`;
}
