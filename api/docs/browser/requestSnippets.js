// Code that sends a request, in the languages of the customers. A request is Swagger UI's: an immutable map of `url`,
// `method`, `headers` and, where it has one, `body`.

/** Languages in the order of their tabs; cURL is Swagger UI's own. */
export const LANGUAGES = {
  curl_bash: { title: 'cURL', syntax: 'bash' },
  javascript: { title: 'JavaScript', syntax: 'javascript' },
  python: { title: 'Python', syntax: 'python' },
  php: { title: 'PHP', syntax: 'php' },
};

/** Swagger UI's plugin with the languages that it lacks. */
export const requestSnippetsPlugin = {
  fn: {
    requestSnippetGenerator_javascript: javaScriptOf,
    requestSnippetGenerator_python: pythonOf,
    requestSnippetGenerator_php: phpOf,
  },
};

function partsOf(request) {
  const body = request.get('body');
  return {
    url: request.get('url'),
    method: request.get('method').toUpperCase(),
    headers: Object.entries(request.get('headers')?.toJS() ?? {}),
    body: typeof body === 'string' ? body : undefined,
  };
}

/** JSON's strings are those of JavaScript and Python, too: every escape of JSON means the same there. */
const quoted = (text) => JSON.stringify(text);

function javaScriptOf(request) {
  const { url, method, headers, body } = partsOf(request);
  const options = [
    ...(method === 'GET' ? [] : [`  method: ${quoted(method)},`]),
    '  headers: {',
    ...headers.map(([name, value]) => `    ${quoted(name)}: ${quoted(value)},`),
    '  },',
    ...(body === undefined ? [] : [`  body: ${quoted(body)},`]),
  ];
  return [
    `const response = await fetch(${quoted(url)}, {`,
    ...options,
    '});',
    'console.log(response.status, await response.json());',
  ].join('\n');
}

function pythonOf(request) {
  const { url, method, headers, body } = partsOf(request);
  return [
    'import requests',
    '',
    'response = requests.request(',
    `    ${quoted(method)},`,
    `    ${quoted(url)},`,
    '    headers={',
    ...headers.map(([name, value]) => `        ${quoted(name)}: ${quoted(value)},`),
    '    },',
    ...(body === undefined ? [] : [`    data=${quoted(body)}.encode(),`]),
    '    timeout=30,',
    ')',
    'print(response.status_code, response.json())',
  ].join('\n');
}

function phpOf(request) {
  const { url, method, headers, body } = partsOf(request);
  const literal = (text) => `'${text.replace(/[\\']/g, '\\$&')}'`;
  return [
    '<?php',
    `$curl = curl_init(${literal(url)});`,
    'curl_setopt_array($curl, [',
    `    CURLOPT_CUSTOMREQUEST => ${literal(method)},`,
    '    CURLOPT_RETURNTRANSFER => true,',
    '    CURLOPT_TIMEOUT => 30,',
    '    CURLOPT_HTTPHEADER => [',
    ...headers.map(([name, value]) => `        ${literal(`${name}: ${value}`)},`),
    '    ],',
    ...(body === undefined ? [] : [`    CURLOPT_POSTFIELDS => ${literal(body)},`]),
    ']);',
    '$body = curl_exec($curl);',
    'echo curl_getinfo($curl, CURLINFO_RESPONSE_CODE), " ", $body, "\\n";',
  ].join('\n');
}
