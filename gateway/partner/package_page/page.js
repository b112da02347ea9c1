"use strict";
/* Opens the package that lies in this file. Sends nothing; the policy of the page forbids every connection.
   The same steps as gateway/partner/packages.py and use_cases/verify_package.py; docs/offline.md has the format. */
(function () {
  const MARK = "mezhved-package/v1";
  const ITERATIONS = 600000;
  const DAMM = ["0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790"];
  const subtle = window.crypto && window.crypto.subtle;
  const words = JSON.parse(document.getElementById("words").textContent);
  const byId = (id) => document.getElementById(id);
  let language = "ru";
  let manifest = null;
  let opened = null; // {doc, key}
  let said = null; // the outcome whose code is shown
  let problem = null;
  let fault = null;
  const checks = { digest: "later", signature: "later", entry: "later", tree: "later", checkpoint: "later" };

  const t = (key) => words[language][key];
  class Altered extends Error {}
  class Unable extends Error {}
  class Wrong extends Error {}

  // --- bytes ---
  function bytes(text) {
    const raw = atob(text);
    if (btoa(raw) !== text) { throw new Altered(); }
    return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  }
  const utf8 = (text) => new TextEncoder().encode(text);
  const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const base64 = (data) => btoa(String.fromCharCode.apply(null, data));
  const sha256 = async (data) => new Uint8Array(await subtle.digest("SHA-256", data));
  function join() {
    const parts = Array.from(arguments);
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) { whole.set(part, at); at += part.length; }
    return whole;
  }
  const same = (one, other) => hex(one) === hex(other);

  // --- codes ---
  function checkDigit(digits) {
    let state = 0;
    for (const digit of digits) { state = Number(DAMM[state][Number(digit)]); }
    return String(state);
  }
  const grouped = (digits) => digits.replace(/(.{4})(?=.)/g, "$1\u00a0");
  async function receiptCode(number, outcome) {
    const day = daysSince();
    const message = utf8(["mezhved-package-receipt/v1", manifest.package, String(day), outcome].join("\n"));
    const key = await subtle.importKey("raw", opened.key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const mac = new Uint8Array(await subtle.sign("HMAC", key, message));
    let value = 0n;
    for (let at = 0; at < 8; at += 1) { value = (value << 8n) | BigInt(mac[at]); }
    const digits = String(day).padStart(3, "0") + String(number).padStart(2, "0") +
      String(value % 10000000000n).padStart(10, "0");
    return digits + checkDigit(digits);
  }
  function daysSince() {
    const [year, month, day] = one(opened.doc.documentElement, "MadeOn").textContent.split("-").map(Number);
    const now = new Date();
    const days = Math.round((Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) - Date.UTC(year, month - 1, day)) / 864e5);
    return Math.min(999, Math.max(0, days));
  }

  // --- signed notes (C2SP signed-note, Ed25519) ---
  function splitNote(note) {
    const at = note.lastIndexOf("\n\n");
    if (at < 0 || !note.endsWith("\n")) { throw new Altered(); }
    return { text: note.slice(0, at + 1), lines: note.slice(at + 2).split("\n").slice(0, -1) };
  }
  function parseKey(text) {
    const parts = text.split("+");
    const material = bytes(parts.slice(2).join("+"));
    if (parts.length < 3 || material.length !== 33 || material[0] !== 1) { throw new Altered(); }
    return { name: parts[0], raw: material.slice(1), id: parts[1] };
  }
  async function keyId(name, type, raw) {
    return hex((await sha256(join(utf8(name + "\n"), Uint8Array.of(type), raw))).slice(0, 4));
  }
  async function verifyNote(note, key, stamped) {
    const type = stamped ? 4 : 1;
    const wanted = await keyId(key.name, type, key.raw);
    if (!stamped && wanted !== key.id) { throw new Altered(); }
    let imported;
    try {
      imported = await subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
    } catch (error) { throw new Unable(); }
    const parts = splitNote(note);
    let found = false;
    for (const line of parts.lines) {
      const [dash, name, value] = line.split(" ");
      if (dash !== "\u2014" || !value) { throw new Altered(); }
      const data = bytes(value);
      if (name !== key.name || hex(data.slice(0, 4)) !== wanted) { continue; }
      let message = utf8(parts.text);
      let signature = data.slice(4);
      if (stamped) {
        let seconds = 0n;
        for (const byte of signature.slice(0, 8)) { seconds = (seconds << 8n) | BigInt(byte); }
        message = utf8("cosignature/v1\ntime " + seconds + "\n" + parts.text);
        signature = signature.slice(8);
      }
      if (!(await subtle.verify({ name: "Ed25519" }, imported, signature, message))) { throw new Altered(); }
      found = true;
    }
    if (!found) { throw new Altered(); }
    return parts.text;
  }

  // --- the log's tree (RFC 9162) ---
  async function rootOf(leaf, index, size, path) {
    if (!(index >= 0 && index < size)) { throw new Altered(); }
    let at = BigInt(index);
    let last = BigInt(size - 1);
    let node = leaf;
    for (const sibling of path) {
      if (sibling.length !== 32 || last === 0n) { throw new Altered(); }
      if (at % 2n === 1n || at === last) {
        node = await sha256(join(Uint8Array.of(1), sibling, node));
        while (at % 2n === 0n && at !== 0n) { at /= 2n; last /= 2n; }
      } else {
        node = await sha256(join(Uint8Array.of(1), node, sibling));
      }
      at /= 2n;
      last /= 2n;
    }
    if (last !== 0n) { throw new Altered(); }
    return node;
  }

  // --- reading ---
  function readData() {
    const data = JSON.parse(byId("package").textContent);
    const text = splitNote(data.manifest).text;
    if (!text.startsWith(MARK + "\n")) { throw new Altered(); }
    const found = JSON.parse(text.slice(MARK.length + 1));
    if (found.v !== 1 || found.iterations !== ITERATIONS || !/^[0-9a-f-]{36}$/.test(found.package)) { throw new Altered(); }
    return { note: data.manifest, manifest: found, sealed: bytes(data.sealed), proof: bytes(data.proof), key: parseKey(found.key) };
  }
  async function checkOutside(data) {
    if (hex(await sha256(data.sealed)) !== data.manifest.sealed_sha256) { throw new Altered(); }
    checks.digest = "verified";
    checks.signature = await tried(() => verifyNote(data.note, data.key, false));
  }
  async function tried(work) {
    try {
      await work();
      return "verified";
    } catch (error) {
      if (error instanceof Unable) { return "unable"; }
      throw error;
    }
  }
  async function checkProof(data, text) {
    const bundle = JSON.parse(text);
    const entry = JSON.parse(bundle.data);
    if (entry.kind !== "package.made" || entry.id !== data.manifest.entry || entry.body.package !== data.manifest.package ||
        entry.body.sealed !== data.manifest.sealed_sha256) { throw new Altered(); }
    checks.entry = "verified";
    const note = splitNote(bundle.checkpoint);
    const [origin, size, root] = note.text.split("\n");
    if (origin !== data.key.name) { throw new Altered(); }
    const leaf = await sha256(join(Uint8Array.of(0), utf8(bundle.data)));
    const found = await rootOf(leaf, bundle.index, Number(size), bundle.inclusion.map(bytes));
    if (!same(found, bytes(root))) { throw new Altered(); }
    checks.tree = "verified";
    checks.checkpoint = await tried(async () => {
      await verifyNote(bundle.checkpoint, data.key, false);
      await verifyNote(bundle.checkpoint, data.key, true);
    });
  }
  async function unseal(key, data, part, sealed) {
    const place = utf8(MARK + "\n" + data.manifest.package + "\n" + part + "\n");
    const plain = await subtle.decrypt({ name: "AES-GCM", iv: sealed.slice(0, 12), additionalData: place }, key, sealed.slice(12));
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  }
  async function open(data, digits) {
    const material = await subtle.importKey("raw", utf8(digits), "PBKDF2", false, ["deriveKey"]);
    const kdf = { name: "PBKDF2", hash: "SHA-256", salt: bytes(data.manifest.salt), iterations: ITERATIONS };
    const key = await subtle.deriveKey(kdf, material, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    let text;
    try {
      text = await unseal(key, data, "content", data.sealed);
    } catch (error) { throw new Wrong(); }
    try {
      await checkProof(data, await unseal(key, data, "proof", data.proof));
      const doc = new DOMParser().parseFromString(text.trimEnd(), "application/xml");
      if (doc.getElementsByTagName("parsererror").length || doc.documentElement.localName !== "Package" ||
          doc.documentElement.getAttribute("id") !== data.manifest.package) { throw new Altered(); }
      return { doc: doc, key: bytes(one(doc.documentElement, "ReceiptKey").textContent) };
    } catch (error) { throw new Altered(); } // the code was the right one: whatever does not fit was altered
  }

  // --- showing ---
  const all = (node, name) => Array.from(node.children).filter((child) => child.localName === name);
  const one = (node, name) => all(node, name)[0];
  function element(name, text, kind) {
    const made = document.createElement(name);
    if (text !== undefined) { made.textContent = text; }
    if (kind) { made.className = kind; }
    return made;
  }
  function plain(text) { // dates and instants as people here write them; everything else as it is
    const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
    if (day) { return day[3] + "." + day[2] + "." + day[1]; }
    if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) && !Number.isNaN(Date.parse(text))) { return instant(text); }
    return text;
  }
  function instant(text) {
    const at = new Date(text);
    const two = (number) => String(number).padStart(2, "0");
    return two(at.getDate()) + "." + two(at.getMonth() + 1) + "." + at.getFullYear() + " " + two(at.getHours()) + ":" + two(at.getMinutes());
  }
  const spoken = (node) => node.getAttribute(language) || plain(node.textContent);
  function row(list, label, value) {
    const made = element("div");
    made.append(element("dt", label), typeof value === "string" ? element("dd", value) : value);
    list.append(made);
  }
  function field(list, node) {
    const value = element("dd");
    for (const item of all(node, "Value")) {
      value.append(element("p", all(item, "Part").map(spoken).filter(Boolean).join(" · ")));
    }
    row(list, node.getAttribute(language), value);
  }
  function showSection(parent, node) {
    const made = element("div", undefined, "section");
    made.append(element("h4", node.getAttribute(language)));
    const list = element("dl");
    all(node, "Field").forEach((child) => field(list, child));
    made.append(list);
    if (node.getAttribute("masked") === "true") { made.append(element("p", t("masked"), "hint")); }
    const rule = element("p", t("rule") + ": ", "why");
    const title = element("span", [node.getAttribute("title"), node.getAttribute("citation"), node.getAttribute("rule")].filter(Boolean).join(" · "));
    title.lang = "ru";
    rule.append(title);
    made.append(rule);
    const until = node.getAttribute("retainUntil");
    if (until) { made.append(element("p", t("retain") + ": " + plain(until), "why")); }
    parent.append(made);
  }
  function showContent() {
    const place = byId("content");
    place.replaceChildren();
    if (!opened) { return; }
    const root = opened.doc.documentElement;
    const list = element("dl");
    const side = (node) => node.textContent + (node.getAttribute("ogrn") ? ", " + t("ogrn") + " " + node.getAttribute("ogrn") : "");
    place.append(element("h2", t("message")), list);
    row(list, t("from"), side(one(root, "Sender")));
    row(list, t("to"), side(one(root, "Recipient")));
    row(list, t("urgency"), spoken(one(root, "Urgency")));
    row(list, t("footing"), spoken(one(root, "Footing")));
    if (one(root, "Trigger")) { row(list, t("trigger"), spoken(one(root, "Trigger"))); }
    row(list, t("sent"), instant(one(root, "SentAt").textContent));
    if (one(root, "RegNumber")) {
      const on = one(root, "RegDate");
      row(list, t("reg"), one(root, "RegNumber").textContent + (on ? " " + t("reg_of") + " " + plain(on.textContent) : ""));
    }
    row(list, t("message_id"), root.getAttribute("message"));
    row(list, t("entry_id"), one(root, "Entry").textContent);
    const notes = all(root, "Note");
    if (notes.length) {
      const said = element("dl");
      notes.forEach((node) => field(said, node));
      place.append(element("h2", t("notes")), said);
    }
    const people = all(root, "Person");
    people.forEach((person) => {
      const kind = person.getAttribute("kind");
      const alike = people.filter((other) => other.getAttribute("kind") === kind);
      const made = element("section", undefined, "person");
      made.append(element("h3", t(kind) + (alike.length > 1 ? " " + (alike.indexOf(person) + 1) : "")));
      all(person, "Section").forEach((node) => showSection(made, node));
      const duties = new Map();
      all(person, "Section").forEach((node) => all(node, "Duty").forEach((duty) => duties.set(duty.textContent, duty)));
      if (duties.size) {
        const told = element("ul");
        told.lang = "ru";
        duties.forEach((duty) => told.append(element("li", duty.getAttribute("ru"))));
        made.append(element("h4", t("duties")), told);
      }
      place.append(made);
    });
    const documents = all(root, "Document");
    if (documents.length) {
      const told = element("ul");
      documents.forEach((node) => {
        const item = element("li", spoken(one(node, "Kind")) + (node.getAttribute("issuedOn") ? ", " + t("issued") + " " + plain(node.getAttribute("issuedOn")) : ""));
        if (node.getAttribute("sha256")) { item.append(element("br"), element("code", node.getAttribute("sha256"))); }
        told.append(item);
      });
      place.append(element("h2", t("documents")), element("p", t("documents_lead"), "hint"), told);
    }
  }
  function outcomes() {
    return all(opened.doc.documentElement, "Outcome").map((node, number) => ({
      number: number,
      code: node.getAttribute("code"),
      event: one(node, "Event"),
      reason: one(node, "Reason"),
      because: one(node, "Because"),
    }));
  }
  function options(select, nodes) {
    const kept = select.value;
    const first = element("option", t("choose"));
    first.value = "";
    select.replaceChildren(first);
    const known = new Set();
    for (const node of nodes) {
      if (node && !known.has(node.textContent)) {
        known.add(node.textContent);
        const made = element("option", spoken(node));
        made.value = node.textContent;
        select.append(made);
      }
    }
    select.value = known.has(kept) ? kept : "";
  }
  const chosen = () => document.querySelector("input[name=outcome]:checked");
  function showAnswers() {
    const place = byId("answers");
    const kept = chosen() && chosen().value;
    place.replaceChildren();
    const known = outcomes().slice(1);
    byId("answer").hidden = known.length === 0;
    const seen = new Set();
    for (const outcome of known) {
      const event = outcome.event.textContent;
      if (seen.has(event)) { continue; }
      seen.add(event);
      const line = element("div", undefined, "radio");
      const input = element("input");
      input.type = "radio";
      input.name = "outcome";
      input.id = "outcome-" + event;
      input.value = event;
      input.checked = kept === event;
      const label = element("label", spoken(outcome.event));
      label.htmlFor = input.id;
      line.append(input, label);
      place.append(line);
    }
    showReasons();
  }
  const TOLD = ["disagree", "ask", "remark"]; // nothing without words, which go with the code by phone or letter
  function showReasons() {
    const event = chosen() && chosen().value;
    const mine = outcomes().filter((outcome) => outcome.event.textContent === event && outcome.reason);
    byId("reasons").hidden = mine.length === 0;
    byId("elsewhere").hidden = !mine.some((outcome) => outcome.because);
    byId("told").hidden = !TOLD.includes(event);
    options(byId("reason"), mine.map((outcome) => outcome.reason));
    options(byId("because"), mine.map((outcome) => outcome.because));
  }
  async function showCodes() {
    byId("opened-code").textContent = grouped(await receiptCode(0, outcomes()[0].code));
    byId("answer-box").hidden = said === null;
    if (said !== null) {
      const outcome = outcomes()[said];
      byId("answer-words").textContent = [outcome.event, outcome.reason, outcome.because].filter(Boolean).map(spoken).join(" · ");
      byId("answer-code").textContent = grouped(await receiptCode(said, outcome.code));
    }
  }
  function showChecks() {
    const list = byId("checks");
    list.replaceChildren();
    for (const name of Object.keys(checks)) {
      const item = element("li", t("check_" + name) + ": ");
      item.append(element("b", t(checks[name])));
      list.append(item);
    }
  }
  async function show() {
    document.documentElement.lang = language;
    for (const node of document.querySelectorAll("[data-t]")) { node.textContent = t(node.dataset.t); }
    document.title = t("title");
    if (manifest) {
      byId("number").textContent = manifest.package;
      byId("made").textContent = instant(manifest.made_at.replace(/(\.\d{3})\d+Z$/, "$1Z"));
    }
    byId("problem").hidden = problem === null;
    if (problem) { byId("problem-text").textContent = t(problem); }
    byId("enter").hidden = opened !== null || problem === "error_altered" || problem === "error_browser";
    byId("code-fault").hidden = fault === null;
    byId("code-fault").textContent = fault ? t("error") + ": " + t(fault) : "";
    byId("code").setAttribute("aria-invalid", fault ? "true" : "false");
    byId("receipt").hidden = opened === null;
    byId("tools").hidden = opened === null;
    if (opened) { byId("title").textContent = spoken(one(opened.doc.documentElement, "Type")); }
    showContent();
    showChecks();
    if (opened) {
      showAnswers();
      await showCodes();
    }
  }
  function wrong(key) {
    fault = key;
    byId("status").textContent = "";
    return show().then(() => byId("code").focus());
  }
  function fail(key) {
    problem = key;
    for (const name of Object.keys(checks)) { if (key === "error_altered") { checks[name] = "later"; } }
    byId("status").textContent = "";
    return show().then(() => {
      document.querySelector(".facts").hidden = true;
      byId("problem").focus();
    });
  }

  // --- the page ---
  async function start() {
    byId("page").hidden = false;
    byId("language").addEventListener("click", () => { language = language === "ru" ? "en" : "ru"; show(); });
    if (!subtle || typeof BigInt === "undefined") { return fail("error_browser"); }
    let data;
    try {
      data = readData();
      manifest = data.manifest;
      await checkOutside(data);
      byId("fingerprint").textContent = hex(await sha256(join(utf8(data.key.name + "\n"), data.key.raw))).slice(0, 32).replace(/(.{4})(?=.)/g, "$1 ");
    } catch (error) { return fail("error_altered"); }
    byId("enter").addEventListener("submit", async (event) => {
      event.preventDefault();
      fault = null;
      const digits = byId("code").value.replace(/[\s.\-\u2013\u2014_]+/g, "");
      if (!/^[0-9]{24}$/.test(digits)) { return wrong("error_length"); }
      if (checkDigit(digits) !== "0") { return wrong("error_check"); }
      byId("status").textContent = t("working");
      byId("open").disabled = true;
      try {
        opened = await open(data, digits);
      } catch (error) {
        return error instanceof Wrong ? wrong("error_wrong") : fail("error_altered");
      } finally {
        byId("open").disabled = false;
      }
      byId("code").value = "";
      byId("status").textContent = "";
      await show();
      byId("main").focus();
      window.scrollTo(0, 0);
    });
    byId("answers").addEventListener("change", showReasons);
    byId("answer").addEventListener("submit", async (event) => {
      event.preventDefault();
      const what = chosen() && chosen().value;
      const reason = byId("reason").value;
      const because = byId("because").value;
      const found = outcomes().find((outcome) => outcome.number > 0 && outcome.event.textContent === what &&
        (!outcome.reason || outcome.reason.textContent === reason) && (!outcome.because || outcome.because.textContent === because));
      byId("answer-fault").hidden = Boolean(found);
      byId("answer-fault").textContent = found ? "" : t("error") + ": " + t("error_choose");
      said = found ? found.number : null;
      await showCodes();
    });
    byId("print").addEventListener("click", () => window.print());
    byId("close").addEventListener("click", () => {
      opened = null;
      said = null;
      for (const name of ["entry", "tree", "checkpoint"]) { checks[name] = "later"; }
      byId("opened-code").textContent = "";
      byId("answer-code").textContent = "";
      byId("answer-words").textContent = "";
      byId("answer-fault").hidden = true;
      for (const id of ["answers", "reason", "because"]) { byId(id).replaceChildren(); }
      show().then(() => { byId("status").textContent = t("closed"); byId("code").focus(); });
    });
    return show();
  }
  start();
})();
