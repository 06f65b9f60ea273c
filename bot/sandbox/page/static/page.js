// The workspace in the browser: what the server draws is shown, what a person does is sent, nothing is decided here.
"use strict";
(() => {
  const TROUBLE = "We had some trouble connecting. Try again?";
  const TOGETHER = 300; // seconds within which one name stands above several messages
  const KEPT = 400; // rows a channel keeps in the page while somebody reads its end
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const app = () => $("#app");
  const here = () => app().dataset;

  // ---------------------------------------------------------------- asking the server

  function query(extra = {}) {
    const { as, in: channel, thread, at } = here();
    const found = Object.entries({ as, in: channel, thread, at, ...extra }).filter(([, value]) => value);
    return new URLSearchParams(found);
  }

  function headers() {
    return { "X-Page-Token": document.body.dataset.token, "X-Acting-As": here().as };
  }

  /** Do something as the person of this window; an Error carries the sentence that says why it did not work. */
  async function act(action, fields = {}) {
    const body = fields instanceof FormData ? fields : new FormData();
    if (body !== fields) {
      for (const [name, value] of Object.entries(fields)) {
        for (const each of Array.isArray(value) ? value : [value]) body.append(name, each);
      }
    }
    if (!body.has("in")) body.append("in", here().in);
    let response;
    try {
      response = await fetch(`/page/do/${action}`, { method: "POST", headers: headers(), body });
    } catch {
      throw new Error(TROUBLE);
    }
    if (response.status === 403) { location.reload(); }
    if (!response.ok) throw new Error((await response.text()) || TROUBLE);
    if (response.status === 204) return null;
    if (!response.headers.get("content-type").startsWith("application/json")) return { html: await response.text() };
    const answer = await response.json();
    if (answer.go) await go(answer.go);
    return answer;
  }

  const attempt = (action, fields) => act(action, fields).catch((error) => toast(error.message));

  function toast(words) {
    const shown = document.createElement("p");
    shown.className = "toast";
    shown.setAttribute("role", "alert");
    shown.textContent = words;
    $("#toasts").append(shown);
    setTimeout(() => shown.remove(), 6000);
  }

  // ---------------------------------------------------------------- going somewhere

  let going = 0;

  /** Show another scene without loading the page; the address says all of it, so a reload shows the same. */
  async function go(url, { push = true, opened = true } = {}) {
    const number = ++going;
    const before = { in: here().in, bottom: fromBottom(), as: here().as };
    const search = new URL(url, location.href).search;
    app().setAttribute("aria-busy", "true");
    if (push) history.pushState(null, "", url);
    let html;
    try {
      const response = await fetch(`/page/app${search}`, { headers: { "X-Requested-With": "page" } });
      if (!response.ok) throw new Error(response.status);
      html = await response.text();
    } catch {
      if (number === going) app().removeAttribute("aria-busy");
      lost();
      return;
    }
    if (number !== going) return;
    putToolsAway();
    closeMenus();
    toggleSidebar(false);
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const open = $$("#modals dialog").map((each) => each.id);
    const kept = before.as === holder.content.firstElementChild.dataset.as ? $("#modals") : null;
    const fresh = holder.content.firstElementChild;
    const modals = $("#modals", fresh).innerHTML;
    if (kept) $("#modals", fresh).replaceWith(kept);
    app().replaceWith(fresh);
    htmx.process(fresh);
    if (kept && open.length) showModals(modals);
    settle(before.in === here().in && !here().at ? before.bottom : 0, opened);
    connect();
  }

  const refresh = () => go(`/?${query()}`, { push: false, opened: false });

  function fromBottom() {
    const list = $("#messages");
    return list ? list.scrollHeight - list.scrollTop - list.clientHeight : 0;
  }

  function toBottom(offset = 0) {
    const list = $("#messages");
    if (list) list.scrollTop = list.scrollHeight - list.clientHeight - offset;
  }

  /** Bring a newly shown scene to rest: title, drafts, scrolling, focus, the guide. */
  function settle(bottom = 0, opened = true) {
    const { title, at, in: channel } = here();
    document.title = `${title} · ${$(".brand").textContent.trim()}`;
    heldUnread = false;
    for (const form of $$("[data-composer]")) restoreDraft(form);
    rove();
    toBottom(bottom);
    const thread = $(".thread-scroll");
    if (thread) thread.scrollTop = thread.scrollHeight;
    if (at) showRow(at);
    if (opened && channel === "home") act("home").catch(() => {});
    arrangePutAway();
    showModals();
    if (!$("dialog[open]") && !at) ($("#thread textarea") || $("main textarea"))?.focus({ preventScroll: true });
    markRead();
  }

  function showRow(ts) {
    const row = $(`#m-${ts.replace(".", "-")}`);
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    row.classList.add("found");
    row.focus({ preventScroll: true });
    setTimeout(() => row.classList.remove("found"), 2500);
  }

  addEventListener("popstate", () => go(location.href, { push: false }));

  // ---------------------------------------------------------------- what the server pushes

  let stream = null;
  let retry = 0;
  let lateTimer = 0;
  const panelOpen = () => !$("#panel").hidden;

  function connect() {
    stream?.close();
    clearTimeout(retry);
    stream = new EventSource(`/page/live?${query({ at: "", panel: panelOpen() ? "1" : "", since: here().number })}`);
    const on = (name, take) => stream.addEventListener(name, (event) => take(JSON.parse(event.data)));
    on("hello", hello);
    on("drawn", ({ number }) => { here().number = number; markRead(); });
    on("refresh", refresh);
    on("clock", ({ now }) => setClock(now));
    on("part", ({ name, html }) => (name === "modals" ? showModals(html) : swap(name, html)));
    on("rows", ({ list, rows }) => takeRows(list, rows));
    stream.onerror = lost;
  }

  function hello({ boot, now }) {
    clearTimeout(lateTimer);
    setClock(now);
    $("#connection").hidden = true;
    if (boot !== document.body.dataset.boot) location.reload();
  }

  function lost() {
    stream?.close();
    stream = null;
    clearTimeout(lateTimer);
    lateTimer = setTimeout(() => { $("#connection").hidden = false; }, 300);
    clearTimeout(retry);
    retry = setTimeout(connect, 800);
  }

  /** Put new HTML into a part, and keep the focus, what is folded open and how far it is scrolled. */
  function swap(name, html) {
    const part = document.getElementById(name);
    if (!part) return;
    const focused = part.contains(document.activeElement) ? document.activeElement.id || document.activeElement.dataset.test : "";
    const open = $$("details[open]", part).map((each) => each.id);
    const scrolled = part.scrollTop;
    part.innerHTML = html;
    htmx.process(part);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    part.scrollTop = scrolled;
    if (focused) $(`#${CSS.escape(focused)}, [data-test="${CSS.escape(focused)}"]`, part)?.focus({ preventScroll: true });
    arrangePutAway();
  }

  // ---------------------------------------------------------------- rows

  function takeRows(name, changes) {
    const list = name === "main" ? $("#rows") : $("#thread-rows");
    if (!list) return;
    const scroller = list.closest(".scroll");
    const distance = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    const near = distance < 80;
    let mine = false;
    let added = false;
    for (const [ts, html] of changes) {
      const old = $(`#${name === "main" ? "m" : "t"}-${ts.replace(".", "-")}`);
      if (old?.querySelector("#tools")) putToolsAway();
      if (html === null) { removeRow(old); continue; }
      const row = made(html);
      if (old) {
        const focused = old.contains(document.activeElement);
        old.replaceWith(row);
        if (focused) row.focus({ preventScroll: true });
      } else if (!insertRow(list, row, name)) continue;
      else { added = true; mine = mine || row.hasAttribute("data-mine") || row.hasAttribute("data-hidden"); }
      htmx.process(row);
      regroup(row);
      regroup(row.nextElementSibling);
    }
    rove();
    if (near || mine) scroller.scrollTop = scroller.scrollHeight;
    else if (added && name === "main") $("#newest").hidden = false;
    if (near && name === "main") trim(list);
  }

  function made(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    return holder.content.firstElementChild;
  }

  function removeRow(row) {
    if (!row) return;
    const after = row.nextElementSibling;
    row.remove();
    regroup(after);
  }

  function insertRow(list, row, name) {
    const { ts } = row.dataset;
    const scroller = list.closest(".scroll");
    const first = list.firstElementChild;
    const last = list.lastElementChild;
    if (name === "main" && scroller.dataset.later === "yes" && last && ts > last.dataset.ts) return false;
    if (name === "main" && scroller.dataset.more === "yes" && first && ts < first.dataset.ts) return false;
    let before = last;
    while (before && before.dataset.ts > ts) before = before.previousElementSibling;
    if (before) before.after(row);
    else list.prepend(row);
    return true;
  }

  /** Decide anew what a row shows because of the one before it: a new day, or a name it need not repeat. */
  function regroup(row) {
    if (!row?.dataset?.ts) return;
    const before = row.previousElementSibling;
    const newDay = !before || before.dataset.day !== row.dataset.day;
    const close = before && Number(row.dataset.ts) - Number(before.dataset.ts) < TOGETHER;
    const same = row.dataset.group && before?.dataset.group === row.dataset.group;
    row.classList.toggle("new-day", newDay);
    row.classList.toggle("continued", Boolean(!newDay && close && same && !row.classList.contains("first-unread")));
  }

  function trim(list) {
    if (list.children.length <= KEPT) return;
    while (list.children.length > KEPT - 100) list.firstElementChild.remove();
    $("#messages").dataset.more = "yes";
    $(".beginning")?.remove();
    regroup(list.firstElementChild);
    toBottom();
  }

  let loading = false;

  async function loadOlder() {
    const scroller = $("#messages");
    const list = $("#rows");
    if (loading || scroller?.dataset.more !== "yes" || !list.firstElementChild) return;
    loading = true;
    try {
      const response = await fetch(`/page/older?${query({ before: list.firstElementChild.dataset.ts, at: "" })}`);
      if (!response.ok || list !== $("#rows")) return;
      const older = made((await response.text()).trim());
      scroller.dataset.more = older.dataset.more;
      const height = scroller.scrollHeight;
      const top = scroller.scrollTop;
      const rows = [...older.children];
      const first = list.firstElementChild;
      list.prepend(...rows);
      rows.forEach((row) => htmx.process(row));
      regroup(first);
      scroller.scrollTop = top + scroller.scrollHeight - height;
    } catch { lost(); } finally { loading = false; }
  }

  function scrolled(event) {
    for (const each of $$(".blocks details[open]", event.target)) each.open = false;
    if (event.target.id !== "messages") return;
    if (event.target.scrollTop < 400) loadOlder();
    if (fromBottom() < 40) { $("#newest").hidden = true; markRead(); }
  }
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });

  // One row of a list is in the tab order; arrows move among the others.
  function rove() {
    for (const list of $$(".rows")) {
      for (const row of $$('.row[tabindex="0"]', list)) row.tabIndex = -1;
      if (list.lastElementChild?.classList.contains("row")) list.lastElementChild.tabIndex = 0;
    }
  }

  let heldUnread = false;

  function markRead() {
    const place = $(".place.active");
    if (heldUnread || document.visibilityState !== "visible" || here().in === "home") return;
    if (!place?.classList.contains("unread") || $("#messages")?.dataset.later === "yes" || fromBottom() > 80) return;
    act("read").catch(() => {});
  }
  document.addEventListener("visibilitychange", markRead);

  // ---------------------------------------------------------------- composers

  const draftKey = (form) => `draft:${here().as}:${here().in}:${form.dataset.thread}`;

  function restoreDraft(form) {
    const box = $("textarea", form);
    box.value = sessionStorage.getItem(draftKey(form)) || "";
    grow(box);
  }

  function grow(box) {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 240)}px`;
  }

  async function send(form) {
    const box = $("textarea", form);
    const text = box.value;
    const names = form.files || [];
    if (!text.trim() && !names.length) return;
    const fields = { text, file: names, thread: form.dataset.thread };
    if ($('[name="broadcast"]', form)?.checked) fields.broadcast = "on";
    const notice = $(".notice", form);
    notice.textContent = "";
    box.value = "";
    attach(form, []);
    grow(box);
    hideOffers();
    sessionStorage.removeItem(draftKey(form));
    form.classList.add("busy");
    if ($("#messages")?.dataset.later === "yes" && !form.dataset.thread) await go(`/?${query({ at: "" })}`);
    try {
      await act("say", fields);
    } catch (error) {
      const shown = document.contains(form) ? form : $("[data-composer]");
      if (!shown) return;
      $(".notice", shown).textContent = error.message;
      if (!$("textarea", shown).value) $("textarea", shown).value = text;
      attach(shown, names);
      grow($("textarea", shown));
    } finally {
      form.classList.remove("busy");
    }
  }

  function attach(form, names) {
    form.files = names;
    $(".attached", form).replaceChildren(...names.map((name) => {
      const item = document.createElement("li");
      const off = document.createElement("button");
      off.type = "button";
      off.className = "quiet";
      off.textContent = "×";
      off.setAttribute("aria-label", `Remove ${name}`);
      off.onclick = () => attach(form, form.files.filter((each) => each !== name));
      item.append(name, off);
      return item;
    }));
  }

  // ---------------------------------------------------------------- suggestions while typing

  let offering = null; // { box, text, start, offers, at }

  async function suggest(box) {
    const text = box.value.slice(0, box.selectionStart);
    if (!/(^\/\S*$|(^|[\s(])[@#][\w.-]*$)/.test(text)) return hideOffers();
    let found;
    try {
      found = await (await fetch(`/page/complete?${query({ q: text })}`)).json();
    } catch { return hideOffers(); }
    if (box.value.slice(0, box.selectionStart) !== text || document.activeElement !== box) return undefined;
    if (!found.offers?.length) return hideOffers();
    const typed = text.slice(found.start);
    const exact = found.offers.some((each) => each.shown === typed);
    // Enter takes a half-typed name or command; a typed word is sent as it stands.
    const ready = !exact && (/^[@#]/.test(typed) || (found.start === 0 && typed.startsWith("/")));
    offering = { box, text, start: found.start, offers: found.offers, at: ready ? 0 : -1 };
    return showOffers();
  }

  function showOffers() {
    const list = $("#offers");
    list.replaceChildren(...offering.offers.map((each, number) => {
      const item = document.createElement("div");
      item.setAttribute("role", "option");
      item.id = `offer-${number}`;
      item.setAttribute("aria-selected", String(number === offering.at));
      const shown = document.createElement("strong");
      shown.textContent = each.shown;
      const about = document.createElement("small");
      about.textContent = each.about;
      item.append(shown, about);
      item.onmousedown = (event) => { event.preventDefault(); takeOffer(number); };
      return item;
    }));
    list.hidden = false;
    const { left, top, width } = offering.box.closest(".composer-box").getBoundingClientRect();
    list.style.left = `${left}px`;
    list.style.width = `${Math.min(width, 700)}px`;
    list.style.bottom = `${innerHeight - top + 6}px`;
    list.style.top = "auto";
    offering.box.setAttribute("aria-controls", "offers");
    offering.box.setAttribute("aria-activedescendant", offering.at < 0 ? "" : `offer-${offering.at}`);
    $('[aria-selected="true"]', list)?.scrollIntoView({ block: "nearest" });
  }

  function hideOffers() {
    offering?.box.removeAttribute("aria-activedescendant");
    offering = null;
    $("#offers").hidden = true;
  }

  function takeOffer(number) {
    const { box, start, offers } = offering;
    box.setRangeText(offers[number].insert, start, box.selectionStart, "end");
    hideOffers();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Who types faster than suggestions come chooses among those that still fit; false when none does. */
  function narrowed() {
    const { box, text, start, offers, at } = offering;
    const now = box.value.slice(0, box.selectionStart);
    if (now === text) return true;
    const typed = now.slice(start).toLowerCase();
    const left = offers.filter((each) => now.startsWith(text.slice(0, start)) && each.shown.toLowerCase().startsWith(typed));
    offering = { box, text: now, start, offers: left, at: left.length ? Math.min(at, 0) : -1 };
    return left.length > 0;
  }

  function offersKey(event) {
    if (!offering || offering.box !== event.target) return false;
    if (event.key !== "Escape" && !narrowed()) return false;
    const count = offering.offers.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      offering.at = (offering.at + (event.key === "ArrowDown" ? 1 : count + (offering.at < 0 ? 0 : -1))) % count;
      showOffers();
    } else if (event.key === "Escape") hideOffers();
    else if (event.key === "Tab" && !event.shiftKey) takeOffer(Math.max(offering.at, 0));
    else if (event.key === "Enter" && !event.shiftKey && offering.at >= 0) takeOffer(offering.at);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  // ---------------------------------------------------------------- message tools and menus

  let toolRow = null;

  function bringTools(row) {
    if (row === toolRow || row.classList.contains("line") || row.classList.contains("gone")) return;
    if ($(".menu:not([hidden])[data-for='tools']")) return;
    putToolsAway();
    toolRow = row;
    const tools = $("#tools");
    const { thread, ts } = row.dataset;
    $('[data-tool="thread"]', tools).href = `/?${query({ thread: thread || ts, at: "" })}`;
    const hidden = row.hasAttribute("data-hidden");
    $('[data-tool="thread"]', tools).hidden = hidden || row.parentElement.id === "thread-rows";
    for (const each of $$("[data-react], [data-menu='emoji-menu']", tools)) each.hidden = hidden;
    row.append(tools);
    tools.hidden = false;
  }

  function putToolsAway() {
    toolRow = null;
    const tools = $("#tools");
    tools.hidden = true;
    document.body.append(tools);
  }

  function openMenu(button) {
    const menu = document.getElementById(button.dataset.menu);
    const opened = !menu.hidden;
    closeMenus();
    if (opened) return;
    if (button.closest("#tools")) {
      menu.dataset.for = "tools";
      menu.target = toolRow;
      fit(menu, toolRow.dataset, toolRow);
    }
    menu.hidden = false;
    menu.opener = button;
    button.setAttribute("aria-expanded", "true");
    place(menu, button, innerHeight);
    $("button:not([hidden])", menu)?.focus();
  }

  /** Lay a menu beneath what opens it, or above it where it would go beyond the lowest line it may reach. */
  function place(menu, opener, lowest) {
    const at = opener.getBoundingClientRect();
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    menu.style.top = `${at.bottom + height + 8 > lowest ? Math.max(8, at.top - height - 4) : at.bottom + 4}px`;
  }

  // A menu in a message would be cut off at the edge of what scrolls, and lie under the composer.
  document.addEventListener("toggle", (event) => {
    const menu = event.target.open && event.target.matches?.(".blocks details") && $(":scope > .menu", event.target);
    if (!menu) return;
    const scroller = event.target.closest(".scroll");
    place(menu, event.target, scroller ? scroller.getBoundingClientRect().bottom : innerHeight);
  }, true);

  function fit(menu, data, row) {
    const show = (tool, yes) => { const item = $(`[data-tool="${tool}"]`, menu); if (item) item.hidden = !yes; };
    const hidden = row.hasAttribute("data-hidden");
    show("edit", row.hasAttribute("data-mine") && !hidden);
    show("delete", row.hasAttribute("data-deletable"));
    show("pin", !hidden);
    show("link", !hidden);
    show("unread", !hidden && row.parentElement.id === "rows");
    for (const each of $$("[data-on-message]", menu)) each.hidden = hidden;
    const pin = $('[data-tool="pin"]', menu);
    if (pin) pin.textContent = row.hasAttribute("data-pinned") ? "Unpin from channel" : "Pin to channel";
  }

  function closeMenus({ focus = false } = {}) {
    for (const menu of $$("body > .menu:not([hidden])")) {
      menu.hidden = true;
      menu.opener?.setAttribute("aria-expanded", "false");
      if (focus) menu.opener?.focus();
      delete menu.dataset.for;
    }
    for (const each of $$("details.pop[open], .blocks details[open]")) each.open = false;
    hideOffers();
  }

  /** Use one of the tools on a message. */
  async function useTool(tool, row) {
    const { where, ts } = row.dataset;
    if (tool === "edit") return edit(row);
    if (tool === "pin") return attempt("pin", { where });
    if (tool === "dismiss") return attempt("delete", { where });
    if (tool === "unread") { heldUnread = true; return attempt("unread", { where }); }
    if (tool === "link") {
      const link = new URL(`/?${query({ at: ts, thread: "" })}`, location.href).href;
      await navigator.clipboard?.writeText(link).catch(() => {});
      return toast("The link is copied.");
    }
    if (tool === "delete") {
      if (row.hasAttribute("data-hidden")) return attempt("delete", { where });
      const yes = await sure({ title: "Delete message", text: "This cannot be undone.", ok: "Delete", style: "danger" });
      return yes && attempt("delete", { where });
    }
    return undefined;
  }

  function edit(row) {
    const body = $(".body", row);
    if (!body || $(".editing", row)) return;
    putToolsAway();
    const form = document.createElement("form");
    form.className = "editing composer-box";
    form.innerHTML = '<textarea aria-label="Edit message" rows="1" data-test="edit-input"></textarea><p class="notice" role="alert"></p><p class="sheet-end"><button type="button" class="plain">Cancel</button><button class="primary">Save</button></p>';
    const box = $("textarea", form);
    const done = () => { form.remove(); body.hidden = false; row.focus(); };
    box.value = row.dataset.raw;
    body.hidden = true;
    body.after(form);
    grow(box);
    box.focus();
    box.oninput = () => grow(box);
    $("button", form).onclick = done;
    form.onsubmit = async (event) => {
      event.preventDefault();
      if (box.value.trim() === row.dataset.raw) return done();
      try {
        await act("edit", { where: row.dataset.where, text: box.value });
        return done();
      } catch (error) { $(".notice", form).textContent = error.message; return undefined; }
    };
    box.onkeydown = (event) => {
      if (event.key === "Escape") { event.stopPropagation(); done(); }
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    };
  }

  // ---------------------------------------------------------------- dialogs

  /** Ask, with the words of a confirm; resolves to whether the answer was yes. */
  function sure({ title = "Are you sure?", text = "", ok = "Yes", deny = "Cancel", style = "" }) {
    const dialog = $("#confirm");
    $("#confirm-title").textContent = title;
    $("#confirm-text").textContent = text;
    $("#confirm-yes").textContent = ok;
    $("#confirm-yes").className = style === "danger" ? "primary danger" : "primary";
    $("#confirm-no").textContent = deny;
    dialog.returnValue = "";
    dialog.showModal();
    $("#confirm-yes").focus();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    });
  }

  /** Show the modals the server says are open, and keep what was typed into those that stay. */
  function showModals(html, { anew = "" } = {}) {
    const holder = $("#modals");
    if (html !== undefined) {
      const fresh = document.createElement("template");
      fresh.innerHTML = html;
      const coming = $$("dialog", fresh.content);
      const over = $$("dialog", holder).filter((old) => !coming.some((each) => each.id === old.id));
      for (const old of over) { old.close(); old.remove(); }
      if (over.length && !coming.length) takeFocusBack();
      for (const dialog of coming) {
        const old = document.getElementById(dialog.id);
        if (!old) { holder.append(dialog); htmx.process(dialog); }
        else if (old.dataset.hash !== dialog.dataset.hash || anew === dialog.dataset.view) renew(old, dialog);
      }
    }
    for (const dialog of $$("dialog", holder)) {
      if (dialog.open) continue;
      for (const sheet of $$("dialog.sheet[open]")) sheet.close();
      closeMenus();
      dialog.showModal();
      focusFirst(dialog);
    }
  }

  /** Chromium gives the focus back when a dialog closes, but what is typed goes nowhere until it is taken anew. */
  function takeFocusBack() {
    const at = document.activeElement;
    at.blur();
    (at === document.body ? $("#thread textarea") || $("main textarea") : at)?.focus({ preventScroll: true });
  }

  function focusFirst(dialog) {
    const wrong = $('[aria-invalid="true"]', dialog) || $("[autofocus]", dialog);
    const first = wrong || $(".modal-body :is(input:not([type=hidden]), textarea, select, [contenteditable])", dialog);
    (first || $(".modal-end button:last-child", dialog)).focus();
  }

  function renew(old, dialog) {
    const typed = new Map();
    for (const each of $$("[name]", old)) {
      if (!old.touched?.has(each.name)) continue;
      if (!typed.has(each.name)) typed.set(each.name, []);
      typed.get(each.name).push({ value: each.value, checked: each.checked, chosen: each.selectedOptions && [...each.selectedOptions].map((one) => one.value) });
    }
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const scroll = $(".modal-body", old).scrollTop;
    old.dataset.hash = dialog.dataset.hash;
    old.replaceChildren(...dialog.childNodes);
    for (const [name, values] of typed) {
      $$(`[name="${CSS.escape(name)}"]`, old).forEach((each, number) => put(each, values, number));
    }
    htmx.process(old);
    $(".modal-body", old).scrollTop = scroll;
    const again = focused && (focused.id ? document.getElementById(focused.id) : focused.name && $(`[name="${CSS.escape(focused.name)}"]`, old));
    if ($('[aria-invalid="true"], [role="alert"]:not(:empty)', old)) focusFirst(old);
    else if (again) again.focus({ preventScroll: true });
    else focusFirst(old);
  }

  function put(control, values, number) {
    if (control.type === "checkbox" || control.type === "radio") {
      const was = values.find((each) => each.value === control.value);
      if (was) control.checked = was.checked;
    } else if (control.tagName === "SELECT") {
      const chosen = values[0].chosen;
      for (const option of control.options) option.selected = chosen.includes(option.value);
    } else if (values[number]) control.value = values[number].value;
  }

  async function submitModal(form) {
    const dialog = form.closest("dialog");
    if (form.classList.contains("busy")) return;
    form.classList.add("busy");
    form.setAttribute("aria-busy", "true");
    for (const each of $$(":scope > .notice", form)) each.textContent = "";
    try {
      const answer = await act("submit", new FormData(form));
      if (answer?.html !== undefined) showModals(answer.html, { anew: dialog.dataset.view });
    } catch (error) {
      const notice = $(":scope > .notice", form);
      if (notice) notice.textContent = error.message;
      else toast(error.message);
    } finally {
      form.classList.remove("busy");
      form.removeAttribute("aria-busy");
    }
  }

  const closeView = (dialog, whole) => attempt("close", { view: dialog.dataset.view, ...(whole ? { whole: "on" } : {}) });

  document.addEventListener("cancel", (event) => {
    if (!event.target.matches?.("dialog.modal")) return;
    event.preventDefault();
    closeView(event.target, false);
  }, true);

  document.addEventListener("htmx:configRequest", (event) => {
    Object.assign(event.detail.headers, headers());
    const place = trouble(event.detail.elt, "");
    place?.remove();
  });
  document.addEventListener("htmx:confirm", async (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    const { confirmTitle: title, confirmText: text, confirmOk: ok, confirmDeny: deny, confirmStyle: style } = event.detail.elt.dataset;
    if (await sure({ title, text: text ?? event.detail.question, ok, deny, style })) event.detail.issueRequest(true);
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 403) location.reload();
    else trouble(event.detail.elt, event.detail.xhr.responseText || TROUBLE);
  });
  document.addEventListener("htmx:sendError", (event) => trouble(event.detail.elt, TROUBLE));

  /** Say beside an element that it did not work; without words, return what was said before. */
  function trouble(element, words) {
    const place = element.closest("dialog.modal form, .said, main > .home") || document.body;
    const before = $(":scope > .trouble", place);
    if (!words) return before;
    if (place === document.body) return toast(words);
    const shown = before || document.createElement("p");
    shown.className = "trouble notice";
    shown.setAttribute("role", "alert");
    shown.textContent = words;
    const end = $(":scope > .modal-end", place);
    if (end) end.before(shown);
    else place.append(shown);
    return shown;
  }

  // ---------------------------------------------------------------- panel, sidebar, theme, clock

  function togglePanel(open = !panelOpen()) {
    const distance = fromBottom();
    $("#panel").hidden = !open;
    document.body.classList.toggle("with-panel", open);
    if (distance < 80) toBottom();
    $("#panel-button").setAttribute("aria-expanded", String(open));
    localStorage.setItem("panel", open ? "open" : "");
    connect();
    if (open) fillPanel();
  }

  /** In a small window the sidebar lies over the channel, and goes once somebody has chosen. */
  function toggleSidebar(open = !document.body.classList.contains("with-sidebar")) {
    document.body.classList.toggle("with-sidebar", open);
    $("#sidebar-button").setAttribute("aria-expanded", String(open));
    if (open) $("#sidebar a")?.focus();
  }

  async function fillPanel() {
    try {
      const parts = await (await fetch(`/page/panel?${query()}`)).json();
      for (const [name, html] of Object.entries(parts)) swap(name, html);
    } catch { lost(); }
  }

  let clockOffset = 0;

  function setClock(now) {
    clockOffset = now * 1000 - Date.now();
    tick();
  }

  function tick() {
    const shown = $("#top-clock");
    const now = new Date(Date.now() + clockOffset);
    const zone = { timeZone: shown.dataset.zone };
    shown.textContent = now.toLocaleString("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit", ...zone });
  }

  /** What somebody has put away stays away. */
  function arrangePutAway() {
    for (const each of $$("[data-put-away]")) each.hidden = localStorage.getItem(each.dataset.putAway) === "never";
  }

  function toggleTheme() {
    const dark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", document.documentElement.dataset.theme);
  }

  // ---------------------------------------------------------------- jumping

  function openSheet(name) {
    closeMenus();
    const dialog = document.getElementById(name);
    if (dialog.open) return dialog.close();
    $("form", dialog)?.reset();
    const notice = $(".notice", dialog);
    if (notice) notice.textContent = "";
    if (name === "topic") $("#topic-words").value = here().topic;
    dialog.showModal();
    if (name === "jump") listPlaces("");
    $("input", dialog)?.focus();
    return undefined;
  }

  let jumpAt = 0;

  function listPlaces(words) {
    const wanted = words.toLowerCase().replace(/^[#@]/, "");
    const found = $$("#sidebar .place").filter((each) => each.dataset.place.toLowerCase().includes(wanted));
    jumpAt = Math.max(0, Math.min(jumpAt, found.length - 1));
    $("#jump-list").replaceChildren(...found.map((each, number) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(number === jumpAt));
      item.append(...[...each.childNodes].map((node) => node.cloneNode(true)));
      item.onclick = () => { $("#jump").close(); each.click(); };
      return item;
    }));
    $('#jump-list [aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  // ---------------------------------------------------------------- what a person does with mouse and keys

  function fieldsOf(element) {
    const fields = {};
    for (const [name, value] of Object.entries(element.dataset)) {
      if (name.startsWith("field")) fields[name.slice(5).toLowerCase()] = value;
    }
    return fields;
  }

  async function doIt(element) {
    if (element.dataset.sure && !(await sure({ title: element.dataset.sure, ok: "Yes", style: "danger" }))) return;
    element.classList.add("busy");
    await attempt(element.dataset.do, fieldsOf(element));
    element.classList.remove("busy");
  }

  function clicked(event) {
    const on = (selector) => event.target.closest(selector);
    let found;
    if (event.defaultPrevented || event.button) return;
    if (!on(".menu") && !on("[data-menu]") && !on("details")) closeMenus();
    if (!on(".sidebar") && !on("#sidebar-button") && document.body.classList.contains("with-sidebar")) toggleSidebar(false);
    if ((found = on("a[href*='.slack.com/archives/']"))) {
      const [, channel, second, part] = /archives\/(\w+)(?:\/p(\d{10})(\d{6}))?/.exec(found.href) || [];
      if (channel) { event.preventDefault(); go(`/?${query({ in: channel, thread: "", at: second ? `${second}.${part}` : "" })}`); }
    } else if ((found = on("[data-channel]"))) {
      event.preventDefault();
      go(`/?${query({ in: found.dataset.channel, thread: "", at: "" })}`);
    } else if ((found = on("a[data-go], a[data-tool='thread']"))) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      closeMenus();
      go(found.getAttribute("href"));
    } else if ((found = on("[data-direct]"))) { event.preventDefault(); attempt("direct", { name: found.dataset.direct }); }
    else if ((found = on("[data-menu]"))) openMenu(found);
    else if ((found = on("[data-opens]"))) openSheet(found.dataset.opens);
    else if ((found = on("[data-react]"))) {
      const row = found.closest(".row") || found.closest(".menu")?.target;
      closeMenus();
      if (row) attempt("react", { where: row.dataset.where, name: found.dataset.react });
    } else if ((found = on("[data-tool]"))) {
      const row = found.closest(".row") || found.closest(".menu")?.target;
      closeMenus();
      if (row) useTool(found.dataset.tool, row);
    } else if ((found = on("[data-shortcut]"))) {
      const row = found.hasAttribute("data-on-message") ? found.closest(".menu").target : null;
      closeMenus();
      attempt("shortcut", { callback_id: found.dataset.shortcut, ...(row ? { where: row.dataset.where } : {}) });
    } else if ((found = on("[data-close-view]"))) closeView(found.closest("dialog"), found.dataset.closeView === "whole");
    else if ((found = on("button[data-do]"))) { closeMenus(); doIt(found); }
    else if (on("#panel-button")) togglePanel();
    else if (on("#sidebar-button")) toggleSidebar();
    else if (on("[data-closes-panel]")) togglePanel(false);
    else if (on("#theme")) toggleTheme();
    else if (on("#newest")) { toBottom(); $("#newest").hidden = true; }
    else if ((found = on("[data-puts-away]"))) { localStorage.setItem(found.closest("[data-put-away]").dataset.putAway, "never"); arrangePutAway(); }
    else if ((found = on("[data-dismiss]"))) found.closest("dialog").close();
    else if (event.target.matches("dialog.sheet")) event.target.close();
  }
  document.addEventListener("click", clicked);

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.matches("[data-composer]")) { event.preventDefault(); send(form); }
    else if (form.matches("[data-modal]")) { event.preventDefault(); submitModal(form); }
    else if (form.matches("form[data-do]")) {
      event.preventDefault();
      try {
        await act(form.dataset.do, new FormData(form));
        form.closest("dialog").close();
      } catch (error) { $(".notice", form).textContent = error.message; }
    }
  });

  document.addEventListener("input", (event) => {
    const box = event.target;
    const dialog = box.closest("dialog.modal");
    if (dialog && box.name) (dialog.touched ??= new Set()).add(box.name);
    if (box.id === "jump-words") { jumpAt = 0; listPlaces(box.value); }
    const form = box.closest("[data-composer]");
    if (!form || box.tagName !== "TEXTAREA") return;
    if (box.value) sessionStorage.setItem(draftKey(form), box.value);
    else sessionStorage.removeItem(draftKey(form));
    $(".notice", form).textContent = "";
    grow(box);
    suggest(box);
  });

  document.addEventListener("change", (event) => {
    const dialog = event.target.closest("dialog.modal");
    if (dialog && event.target.name) (dialog.touched ??= new Set()).add(event.target.name);
    if (event.target.type !== "file") return;
    const form = event.target.closest("[data-composer]");
    if (!form) return;
    attach(form, [...(form.files || []), ...[...event.target.files].map((each) => each.name)]);
    event.target.value = "";
    $("textarea", form).focus();
  });

  document.addEventListener("mouseover", (event) => {
    const row = event.target.closest?.(".row");
    if (row) bringTools(row);
    else if (toolRow && !event.target.closest?.(".menu") && !toolRow.contains(document.activeElement) && !$(".menu:not([hidden])[data-for='tools']")) putToolsAway();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.(".row");
    if (row) bringTools(row);
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.closest?.("[data-composer]")) setTimeout(() => { if (!document.activeElement?.closest("#offers")) hideOffers(); }, 100);
  });

  function composerKey(event) {
    const box = event.target;
    if (offersKey(event)) return true;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      box.form.requestSubmit();
      return true;
    }
    if (event.key === "ArrowUp" && !box.value) {
      const list = box.closest("#thread") ? $("#thread-rows") : $("#rows");
      const mine = $$(".row[data-mine]:not([data-hidden])", list).pop();
      if (mine) { event.preventDefault(); edit(mine); }
      return true;
    }
    return false;
  }

  function rowKey(event, row) {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step && row[step]) { event.preventDefault(); row[step].focus(); row[step].scrollIntoView({ block: "nearest" }); }
    if (event.target !== row || event.ctrlKey || event.altKey || event.metaKey) return;
    const tool = { e: "edit", p: "pin", u: "unread", Delete: "delete" }[event.key];
    if (event.key === "t") $('#tools [data-tool="thread"]')?.click();
    else if (tool && !(tool === "edit" && !row.hasAttribute("data-mine"))) useTool(tool, row);
    else return;
    event.preventDefault();
  }

  function menuKey(event, menu) {
    const items = $$("button:not([hidden]), a", menu);
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    items[(at + step + items.length) % items.length]?.focus();
  }

  function jumpKey(event) {
    const items = $$("#jump-list li");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      jumpAt = (jumpAt + (event.key === "ArrowDown" ? 1 : -1) + items.length) % (items.length || 1);
      listPlaces(event.target.value);
    } else if (event.key === "Enter") { event.preventDefault(); items[jumpAt]?.click(); }
  }

  function sidebarKey(event) {
    const places = $$("#sidebar .actor, #sidebar .place");
    const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    places[(places.indexOf(document.activeElement) + step + places.length) % places.length].focus();
  }

  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.altKey && /^Digit[1-9]$/.test(event.code)) {
      const actor = $(`.actor[data-key="${event.code.slice(5)}"]`);
      if (actor) { event.preventDefault(); go(actor.getAttribute("href")); }
    } else if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "k") { event.preventDefault(); openSheet("jump"); }
    else if ((event.ctrlKey || event.metaKey) && key === ".") { event.preventDefault(); togglePanel(); }
    else if (target.matches("[data-composer] textarea") && composerKey(event)) return;
    else if (target.id === "jump-words") jumpKey(event);
    else if (target.closest(".menu")) { if (key === "Escape") { event.preventDefault(); closeMenus({ focus: true }); } else menuKey(event, target.closest(".menu")); }
    else if (target.closest(".row") && key !== "Escape") rowKey(event, target.closest(".row"));
    else if (target.closest("#sidebar")) sidebarKey(event);
    else if (key === "Escape" && !$("dialog[open]")) escape(target);
  });

  function escape(target) {
    if (document.body.classList.contains("with-sidebar")) { toggleSidebar(false); $("#sidebar-button").focus(); }
    else if ($(".menu:not([hidden])") || $("details.pop[open]")) closeMenus({ focus: true });
    else if (target.closest(".row")) ($("main textarea") || document.body).focus();
    else if (here().thread) go(`/?${query({ thread: "", at: "" })}`);
    else if (panelOpen()) togglePanel(false);
  }

  // ---------------------------------------------------------------- beginning

  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  setClock(Number($("#top-clock").dataset.now));
  setInterval(tick, 1000);
  settle();
  if (localStorage.getItem("panel") === "open") togglePanel(true);
  else connect();
})();
