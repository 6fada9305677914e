import { LANGUAGES, requestSnippetsPlugin } from './requestSnippets.js';

const KEY_SCHEME = 'apiKey';
const KEY_PLACEHOLDER = 'YOUR_API_KEY';
/** What is filled in when the page opens: one press of Execute gives a useful answer. */
const FIRST_OPERATION = { path: '/jobs', tag: 'Jobs', id: 'get_jobs' };
const FIRST_REQUEST = { search: 'python', limit: 3 };

const reference = document.getElementById('reference');
const keyForm = document.getElementById('key-form');
const keyState = document.getElementById('key-state');

const response = await fetch(reference.dataset.document);
const shown = forForms(await response.json());

const ui = SwaggerUIBundle({
  spec: shown,
  domNode: reference,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 2,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // The validator is a service of another host.
  validatorUrl: null,
  requestSnippets: { generators: LANGUAGES, defaultExpanded: true, languages: Object.keys(LANGUAGES) },
  plugins: [requestSnippetsPlugin, liveSnippetsPlugin],
  onComplete: () => {
    if (location.hash !== '') return;
    ui.layoutActions.show(['operations', FIRST_OPERATION.tag, FIRST_OPERATION.id], true);
  },
});

keyForm.addEventListener('submit', async (event) => {
  event.preventDefault();
  const key = document.getElementById('key').value.trim();
  if (key === '') return;
  keyState.textContent = '';
  ui.preauthorizeApiKey(KEY_SCHEME, key);
  const { ok, text } = await tryKey(key);
  keyState.textContent = text;
  keyState.className = ok ? 'works' : 'fails';
});

async function tryKey(key) {
  try {
    const response = await fetch(reference.dataset.health, { headers: { 'X-API-KEY': key } });
    const { message } = await response.json();
    return response.ok ? { ok: true, text: 'This key works.' } : { ok: false, text: message };
  } catch {
    return { ok: false, text: 'The server did not answer, or this is no key.' };
  }
}

/**
 * The document as its forms need it. Swagger UI fills every field that has an example or a default, and sends it: all filters at
 * once would find nothing. Those of optional parameters are told in their descriptions instead. Lists are typed as the API takes
 * them, with commas between.
 */
function forForms(openApi) {
  for (const [path, item] of Object.entries(openApi.paths)) {
    for (const operation of Object.values(item)) {
      operation.parameters = operation.parameters?.map((parameter) =>
        parameter.in === 'query' && !parameter.required ? optionalField(parameter, path) : parameter,
      );
    }
  }
  return openApi;
}

function optionalField({ example, ...parameter }, path) {
  const { items, default: standard, ...schema } = parameter.schema;
  const values = items?.anyOf?.[0]?.enum;
  const isFirst = path === FIRST_OPERATION.path && Object.hasOwn(FIRST_REQUEST, parameter.name);
  const facts = [
    ...(values ? [`Values: ${values.map(asCode).join(', ')}`] : []),
    ...(example === undefined ? [] : [`Example: ${asCode(example)}`]),
    ...(standard === undefined ? [] : [`Default: ${asCode(standard)}`]),
  ];
  return {
    ...parameter,
    description: [parameter.description, ...facts].join('\n\n'),
    schema: items ? { type: 'string' } : schema,
    ...(isFirst && { example: FIRST_REQUEST[parameter.name] }),
  };
}

function asCode(value) {
  return `\`${String(value)}\``;
}

/** Shows code for the request as the form stands, above its answers and not just after it was sent; brings the answer into sight. */
function liveSnippetsPlugin({ Im, React }) {
  const { createElement } = React;
  return {
    statePlugins: {
      spec: {
        wrapActions: {
          setResponse: (set) => (path, method, response) => {
            const result = set(path, method, response);
            requestAnimationFrame(() => {
              document.querySelector('.opblock.is-open .live-responses-table')?.scrollIntoView();
            });
            return result;
          },
        },
      },
    },
    wrapComponents: {
      // What it would show after a request stands above already.
      curl: () => () => null,
      responses: (Responses, system) => (props) =>
        createElement(
          'div',
          null,
          createElement(system.getComponent('RequestSnippets', true), {
            request: Im.fromJS(requestOf(system, props)),
          }),
          createElement(Responses, props),
        ),
    },
  };
}

function requestOf({ specSelectors, authSelectors, oas3Selectors, fn }, { path, method }) {
  const operation = shown.paths[path][method];
  const authorized = authSelectors.authorized().toJS();
  const body = oas3Selectors.requestBodyValue(path, method);
  const {
    url,
    headers,
    body: sent,
  } = fn.buildRequest({
    spec: shown,
    operationId: operation.operationId,
    pathName: path,
    method,
    parameters: specSelectors.parameterValues([path, method]).toJS(),
    securities: { authorized },
    server: oas3Selectors.selectedServer(),
    contextUrl: location.href,
    requestContentType: oas3Selectors.requestContentType(path, method),
    requestBody: body?.toJS?.() ?? body,
  });
  const lacksKey = operation.security?.length > 0 && Object.keys(authorized).length === 0;
  return {
    url,
    method: method.toUpperCase(),
    headers: { ...headers, ...(lacksKey && { 'X-API-KEY': KEY_PLACEHOLDER }) },
    ...(sent === undefined ? {} : { body: sent }),
  };
}
