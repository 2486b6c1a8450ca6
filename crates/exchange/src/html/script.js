"use strict";
(function () {
  var form = document.getElementById("filter");
  var words = document.getElementById("words");
  var spec = document.getElementById("spec");
  var said = document.getElementById("said");
  var boxes = Array.prototype.slice.call(form.querySelectorAll("input[type=checkbox]"));
  var specs = Array.prototype.map.call(document.querySelectorAll("details.spec"), function (el) {
    return {
      el: el,
      wasOpen: el.open,
      requirements: Array.prototype.map.call(el.querySelectorAll(".req"), function (req) {
        var heading = req.querySelector("h3");
        return {
          el: req,
          criteria: Array.prototype.map.call(req.querySelectorAll(".c"), function (c) {
            return {
              el: c,
              status: c.getAttribute("data-s"),
              text: (el.id + " " + heading.textContent + " " + c.textContent).toLowerCase()
            };
          })
        };
      })
    };
  });
  form.hidden = false;
  document.documentElement.classList.add("js");

  function apply() {
    var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    var on = {};
    var all = true;
    boxes.forEach(function (box) { on[box.value] = box.checked; all = all && box.checked; });
    var filters = wanted.length > 0 || !all || spec.value !== "";
    var shown = 0;
    var total = 0;
    specs.forEach(function (s) {
      var here = spec.value === "" || s.el.id === spec.value;
      var any = false;
      s.requirements.forEach(function (r) {
        var some = false;
        r.criteria.forEach(function (c) {
          total += 1;
          var fits = here && on[c.status] && wanted.every(function (w) { return c.text.indexOf(w) >= 0; });
          c.el.hidden = !fits;
          some = some || fits;
          shown += fits ? 1 : 0;
        });
        r.el.hidden = filters && !some;
        any = any || some;
      });
      s.el.hidden = filters && !any;
      if (filters && any) { s.el.open = true; } else if (!filters) { s.el.open = s.wasOpen; }
    });
    said.textContent = filters ? shown + " of " + total + " criteria" : total + " criteria";
  }

  var waiting = 0;
  function soon() { clearTimeout(waiting); waiting = setTimeout(apply, 120); }
  words.addEventListener("input", soon);
  spec.addEventListener("change", apply);
  boxes.forEach(function (box) { box.addEventListener("change", apply); });
  form.addEventListener("submit", function (event) { event.preventDefault(); apply(); });
  form.addEventListener("reset", function () { setTimeout(apply, 0); });

  function openAll(open) {
    specs.forEach(function (s) { s.el.open = open; s.wasOpen = open; });
  }
  document.getElementById("open").addEventListener("click", function () { openAll(true); });
  document.getElementById("close").addEventListener("click", function () { openAll(false); });

  function reveal() {
    var id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch (e) { return; }
    var target = id && document.getElementById(id);
    if (!target) { return; }
    for (var up = target; up; up = up.parentElement) {
      if (up.tagName === "DETAILS") { up.open = true; }
      if (up.hidden) { form.reset(); up.hidden = false; }
    }
    if (target.scrollIntoView) { target.scrollIntoView({ block: "center" }); }
    if (target.classList.contains("c")) { target.focus({ preventScroll: true }); }
  }
  addEventListener("hashchange", reveal);

  function step(by) {
    var visible = Array.prototype.filter.call(document.querySelectorAll(".c"), function (c) {
      return !c.hidden && !c.closest("[hidden]") && !c.closest("details.spec:not([open])");
    });
    if (!visible.length) { return; }
    var at = visible.indexOf(document.activeElement && document.activeElement.closest(".c"));
    var next = visible[at < 0 ? (by > 0 ? 0 : visible.length - 1) : Math.min(Math.max(at + by, 0), visible.length - 1)];
    next.focus();
  }

  addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) { return; }
    var typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (event.key === "Escape" && event.target === words) { words.value = ""; apply(); words.blur(); return; }
    if (typing) { return; }
    var focused = document.activeElement && document.activeElement.closest(".c");
    if (event.key === "/") { words.focus(); words.select(); }
    else if (event.key === "j") { step(1); }
    else if (event.key === "k") { step(-1); }
    else if (event.key === "o" && focused) {
      Array.prototype.forEach.call(focused.querySelectorAll("details"), function (d) { d.open = !d.open; });
    } else if (event.key === "p" && focused && focused.id) { location.hash = encodeURIComponent(focused.id); }
    else { return; }
    event.preventDefault();
  });

  var before = [];
  addEventListener("beforeprint", function () {
    before = Array.prototype.filter.call(document.querySelectorAll("details:not([open])"), function (d) { d.open = true; return true; });
  });
  addEventListener("afterprint", function () { before.forEach(function (d) { d.open = false; }); before = []; });

  apply();
  reveal();
})();
