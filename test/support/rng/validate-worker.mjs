// Reads documents and judges them by a RELAX NG grammar, in a thread of its own: the package is an ES module that waits for
// its WebAssembly as it loads, which jest's CommonJS cannot. Each answer has the `id` of its question.
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { RelaxNGValidator, XmlDocument, XmlElement } from 'libxml2-wasm';

const grammar = XmlDocument.fromString(readFileSync(workerData, 'utf8'));
const validator = RelaxNGValidator.fromDoc(grammar);

function nodeOf(element) {
  const children = [];
  let bare = '';
  for (let child = element.firstChild; child !== null; child = child.next) {
    if (child instanceof XmlElement) children.push(nodeOf(child));
    else bare += child.content;
  }
  const attributes = Object.fromEntries(element.attrs.map((attribute) => [attribute.name, attribute.value]));
  return { name: element.name, attributes, children, text: bare };
}

function judge(text) {
  let document;
  let root = null;
  try {
    document = XmlDocument.fromString(text);
    root = nodeOf(document.root);
    validator.validate(document);
    return { fault: null, root };
  } catch (error) {
    return { fault: error.message, root };
  } finally {
    document?.dispose();
  }
}

parentPort.on('message', ({ id, texts }) => parentPort.postMessage({ id, judged: texts.map(judge) }));
