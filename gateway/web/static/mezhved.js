// Progressive enhancement only: every page works without this file.
import { initAll } from "./govuk/govuk-frontend.min.js"

document.body.classList.add("js-enabled")
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported")
}
initAll()

// A file that is being sent shows how far it is, and the page stays where it was.
function show(answer, address) {
  const next = new DOMParser().parseFromString(answer, "text/html")
  const main = next.querySelector("main")
  if (!main) return location.assign(address)
  document.title = next.title
  document.querySelector("main").replaceWith(main)
  initAll({ scope: main })
  enhance(main)
  const wrong = main.querySelector(".govuk-error-summary")
  const place = wrong || main.querySelector("#documents")
  if (place) {
    place.focus()
    place.scrollIntoView()
  }
}

function upload(event) {
  const button = event.currentTarget
  const form = button.form
  const file = form.elements.doc_file
  if (!file || !file.files.length) return
  event.preventDefault()
  const shown = form.querySelector("[data-upload-progress]")
  const bar = shown.querySelector("progress")
  const words = shown.querySelector("[role=status]")
  const body = new FormData(form)
  body.append(button.name, button.value)
  const request = new XMLHttpRequest()
  request.open("POST", form.action)
  request.upload.onprogress = (sent) => {
    if (sent.lengthComputable) bar.value = Math.round((100 * sent.loaded) / sent.total)
  }
  request.upload.onload = () => {
    words.textContent = words.dataset.checking
  }
  request.onload = () => show(request.responseText, request.responseURL)
  request.onerror = () => {
    words.textContent = words.dataset.failed
    button.disabled = false
  }
  shown.hidden = false
  words.textContent = words.dataset.sending
  button.disabled = true
  request.send(body)
}

// The digest of a file that stays here: the input has no name, so the file is never sent.
async function digest(event, field) {
  const [file] = event.currentTarget.files
  if (!file) return
  const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer())
  field.value = [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}

// What is under way is looked at again by itself; its end is a page of its own.
async function watch(place) {
  await new Promise((later) => setTimeout(later, 2000))
  const answer = await fetch(location.href).catch(() => null)
  if (!answer || !answer.ok) return watch(place)
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-watch]")
  if (!next) return location.reload()
  if (next.textContent !== place.textContent) place.replaceChildren(...next.childNodes)
  return watch(place)
}

function enhance(scope) {
  for (const place of scope.querySelectorAll("[data-watch]")) watch(place)
  for (const button of scope.querySelectorAll("button[data-upload]")) button.addEventListener("click", upload)
  if (!globalThis.crypto || !crypto.subtle) return
  for (const group of scope.querySelectorAll("[data-digest-for]")) {
    const field = document.getElementById(group.dataset.digestFor)
    group.hidden = false
    group.querySelector("input").addEventListener("change", (event) => digest(event, field))
  }
}
enhance(document)
