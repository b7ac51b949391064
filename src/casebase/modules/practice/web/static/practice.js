// What pages gain by a script: times in the reader's zone, tabs without a reload, answers as they are written.
// Without it every form works and waits for the whole answer.
"use strict";

document.documentElement.classList.add("has-script");

const FORMS = {
  moment: { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "long", year: "numeric" },
};
for (const time of document.querySelectorAll("time[data-when]")) {
  time.textContent = new Intl.DateTimeFormat("en-GB", FORMS[time.dataset.when]).format(new Date(time.dateTime));
}

// Tabs: on a phone one chat is shown at a time.
const chats = document.querySelector(".chats");
for (const tab of document.querySelectorAll("[data-tab]")) {
  tab.addEventListener("click", (event) => {
    event.preventDefault();
    for (const other of document.querySelectorAll("[data-tab]")) other.removeAttribute("aria-current");
    tab.setAttribute("aria-current", "true");
    tab.classList.remove("has-news");
    chats.dataset.current = tab.dataset.tab;
    history.replaceState(null, "", tab.href);
    const scroll = chats.querySelector(`[data-chat=${tab.dataset.tab}] .scroll`);
    if (scroll) scroll.scrollTop = scroll.scrollHeight;
  });
}

class Refused extends Error {
  constructor(status, code, text) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

// The answer was begun and came to nothing.
class Unanswered extends Error {}

// A stream of events, which goes on where it was cut off: the server tells the rest, with the bytes that were missed.
async function listen(address, request, hear) {
  const pauses = [300, 700, 1500, 3000, 5000, 5000, 5000, 5000, 5000];
  let cuts = 0;
  let last = null;
  for (;;) {
    try {
      const headers = { ...request.headers, Accept: "text/event-stream" };
      if (last) headers["Last-Event-ID"] = last;
      const response = await fetch(address, { ...request, headers, cache: "no-store" });
      if (!response.ok) throw await refusal(response);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let waiting = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        waiting += value;
        const events = waiting.split("\n\n");
        waiting = events.pop();
        for (const text of events) {
          const event = parse(text);
          if (!event) continue;
          last = event.id;
          cuts = 0;
          hear(event.name, event.data);
          if (event.name === "done" || event.name === "error") return;
        }
      }
    } catch (error) {
      if (error instanceof Refused && error.status !== 503) throw error;
      if (cuts === pauses.length) throw error;
    }
    if (cuts === pauses.length) throw new Error("The connection was lost.");
    hear("lost");
    await new Promise((resolve) => setTimeout(resolve, pauses[cuts++]));
  }
}

async function refusal(response) {
  try {
    const { code, text } = await response.json();
    return new Refused(response.status, code, text);
  } catch {
    return new Refused(response.status, "", "Something went wrong. Open the page anew.");
  }
}

function parse(text) {
  const event = {};
  for (const line of text.split("\n")) {
    const [field, ...rest] = line.split(": ");
    if (field) event[field] = rest.join(": ");
  }
  return event.event && { id: event.id, name: event.event, data: JSON.parse(event.data) };
}

function newId() {
  // randomUUID is there on secure origins alone.
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Told sentence by sentence to who listens to the page: letter by letter is noise.
class Voice {
  constructor(who, language) {
    this.who = who;
    this.language = language;
    this.pending = "";
  }
  hear(text) {
    this.pending += text;
    const end = this.pending.search(/[.!?…](?=\s)[^.!?…]*$/);
    if (end >= 0) this.say(end + 1);
  }
  say(length = this.pending.length) {
    const text = this.pending.slice(0, length).trim();
    this.pending = this.pending.slice(length);
    if (!text) return;
    const line = document.createElement("p");
    if (this.who) line.append(`${this.who}: `);
    const words = document.createElement("span");
    words.lang = this.language;
    words.textContent = text;
    line.append(words);
    document.getElementById("said").append(line);
    this.who = "";
  }
}

class Chat {
  constructor(section) {
    this.section = section;
    this.kind = section.dataset.chat;
    this.list = section.querySelector(".messages");
    this.scroll = section.querySelector(".scroll");
    this.form = section.querySelector(".composer");
    this.trouble = section.querySelector(".trouble");
    this.address = `/practice/sessions/${chats.dataset.session}`;
    this.isBusy = false;
    // The last words stay in sight when a keyboard takes half of the screen.
    new ResizeObserver(() => this.toEnd()).observe(this.scroll);
    for (const form of section.querySelectorAll(".composer, .again")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.send(form);
      });
    }
    if (this.form) this.prepareField(this.form.elements.content);
    if (section.dataset.answer) this.attach(section.dataset.answer);
  }

  prepareField(field) {
    const fit = () => {
      if (CSS.supports("field-sizing", "content")) return;
      field.style.height = "auto";
      field.style.height = `${field.scrollHeight + 3}px`;
    };
    field.addEventListener("input", fit);
    field.addEventListener("keydown", (event) => {
      // On a touch keyboard Enter begins a line, as everywhere there.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    fit();
  }

  async send(form) {
    const { content, client_id: id, csrf_token: token } = form.elements;
    if (this.isBusy || !content.value.trim()) return;
    const said = { content: content.value, client_id: id.value, csrf_token: token.value };
    if (form === this.form) {
      content.value = "";
      content.dispatchEvent(new Event("input"));
      id.value = newId();
      said.bubble = this.add("You", said.content.trim(), true);
    } else {
      form.remove();
      if (this.form) this.form.elements.content.focus();
    }
    await this.ask(said);
  }

  // What was said, until there is an answer or a reason why not.
  async ask(said) {
    const body = new URLSearchParams({ chat_type: this.kind, content: said.content, client_id: said.client_id });
    const request = { method: "POST", body, headers: { "X-CSRF-Token": said.csrf_token } };
    try {
      await this.follow(`${this.address}/messages`, request, said.bubble);
    } catch (error) {
      // Who has to wait may have been heard: of too many streams only the telling is refused, of answers a repeat too.
      if (error instanceof Refused && error.status < 500 && error.status !== 429) {
        if (said.bubble) said.bubble.remove();
        if (this.form && said.bubble) {
          this.form.elements.content.value = said.content;
          this.form.elements.content.dispatchEvent(new Event("input"));
        }
        this.complain(error.message);
        if (error.status === 401) this.offerSignIn();
      } else {
        const isTold = error instanceof Refused || error instanceof Unanswered;
        this.complain(isTold ? error.message : "The connection is lost. Your words are kept here.", said);
      }
    }
  }

  async attach(answer) {
    const waiting = this.list.querySelector("[data-waiting]");
    if (waiting) waiting.remove();
    try {
      await this.follow(`${this.address}/answers/${answer}`, { headers: {} }, null);
    } catch (error) {
      // The page as it is now offers to ask again.
      if (error instanceof Unanswered) location.reload();
      else this.complain(error instanceof Refused ? error.message : "The connection is lost. Open the page anew.");
    }
  }

  async follow(address, request, mine) {
    this.busy(true);
    this.trouble.replaceChildren();
    const item = this.add(this.kind === "main" ? "Partner" : "Helper", "", false);
    this.answer = item;
    const bubble = item.querySelector(".bubble");
    bubble.classList.add("is-thinking");
    // Said and heard: a list of all of it would be one more conversation to read.
    document.getElementById("said").replaceChildren();
    const voice = new Voice(this.kind === "main" ? "Partner" : "Helper", bubble.lang);
    let failure = null;
    const hear = (name, data) => {
      item.querySelector(".remark")?.remove();
      if (name === "message") {
        if (mine) mine.classList.remove("is-waiting-to-be-sent");
        this.progress(data.progress);
      } else if (name === "chunk") {
        bubble.classList.replace("is-thinking", "is-writing");
        bubble.append(data.text);
        voice.hear(data.text);
        this.toEnd();
      } else if (name === "done") {
        if (data.is_incomplete) this.remark(item, "This answer broke off.");
        this.progress(data.progress);
      } else if (name === "error") {
        failure = data;
      } else if (name === "lost") {
        this.remark(item, "The connection is lost, trying again …");
      }
    };
    try {
      await listen(address, request, hear);
    } finally {
      bubble.classList.remove("is-thinking", "is-writing");
      voice.say();
      if (!bubble.textContent) item.remove();
      this.busy(false);
    }
    if (failure) throw new Unanswered("That got no answer.");
    const tab = document.querySelector(`[data-tab=${this.kind}]`);
    if (this.section.offsetParent === null) tab.classList.add("has-news");
    this.toEnd();
  }

  add(who, text, isMine) {
    const item = document.createElement("li");
    item.className = isMine ? "message is-mine is-waiting-to-be-sent" : "message";
    const name = document.createElement("span");
    name.className = "visually-hidden";
    name.textContent = `${who}: `;
    const bubble = document.createElement("p");
    bubble.className = "bubble";
    bubble.lang = this.kind === "main" ? "de" : "en";
    bubble.textContent = text;
    item.append(name, bubble);
    this.list.append(item);
    this.toEnd();
    return item;
  }

  remark(item, text) {
    item.querySelector(".remark")?.remove();
    const remark = document.createElement("span");
    remark.className = "remark";
    remark.textContent = text;
    item.append(remark);
  }

  complain(text, said = null) {
    const line = document.createElement("p");
    line.textContent = `${text} `;
    this.trouble.replaceChildren(line);
    if (!said) return;
    const again = document.createElement("button");
    again.className = "button";
    again.type = "button";
    again.textContent = "Ask again";
    again.addEventListener("click", () => {
      // What broke off is told anew, whole.
      this.answer.remove();
      this.ask(said);
    });
    line.append(again);
  }

  offerSignIn() {
    const link = document.createElement("a");
    link.href = `/practice/sign-in?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = "Sign in";
    this.trouble.firstElementChild.append(link);
  }

  progress(progress) {
    if (this.kind !== "main" || !progress) return;
    const { message_count_main: count, conclude_from: from, conclude_until: until } = progress;
    const isOver = progress.remaining < 2;
    document.getElementById("progress").value = Math.min(count, until);
    document.getElementById("progress-text").textContent = isOver
      ? `${count} messages: the end`
      : progress.should_conclude
        ? `${count} messages: time to say goodbye`
        : `${count} of about ${Math.floor((from + until) / 2)} messages`;
    if (!progress.should_conclude) return;
    document.getElementById("finish").classList.add("button-primary");
    const ending = document.getElementById("ending");
    ending.hidden = false;
    if (isOver) {
      ending.firstElementChild.textContent = "This conversation has reached its end. Finish it, and it counts.";
      if (this.form && this.form.contains(document.activeElement)) document.getElementById("finish").focus();
      this.form?.remove();
      this.form = null;
    }
  }

  busy(isBusy) {
    this.isBusy = isBusy;
    this.list.setAttribute("aria-busy", String(isBusy));
    this.form?.querySelector(".send").setAttribute("aria-disabled", String(isBusy));
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }
}

if (chats?.dataset.session) {
  for (const section of chats.querySelectorAll(".chat")) new Chat(section);
}
