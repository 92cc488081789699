"use strict";
/* Charts: <figure data-chart> with its values as JSON inside. ECharts is fetched only where there is a chart; colours are the
   tokens', read when drawing, so a change of theme draws again. Without a script the table behind the chart remains. */

{
  const { words } = window.liuke;
  const drawn = new Map();
  let library = null;

  const load = () => library ||= new Promise((resolve, reject) => {
    if (window.echarts) { resolve(window.echarts); return; }
    const script = document.createElement("script");
    script.src = words.charts;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const lang = document.documentElement.lang || "zh-Hans";

  /* To a Chinese reader, in either script, ¥ is the yuan, and the yen is JP¥. */
  const plainYuan = (text) => lang === "zh-Hant" ? text.replace(/(?<!CN)¥/, "JP¥").replace("CN¥", "¥") : text;

  const formatter = (data) => {
    const short = { notation: "compact", maximumFractionDigits: 1, useGrouping: true };
    if (data.unit === "percent") {
      const format = new Intl.NumberFormat(lang, { style: "percent", maximumFractionDigits: data.decimals });
      return (value) => format.format(value);
    }
    const format = data.unit === "money" && data.currency
      ? new Intl.NumberFormat(lang, { ...short, style: "currency", currency: data.currency })
      : new Intl.NumberFormat(lang, short);
    return (value) => plainYuan(format.format(value));
  };

  /* Names stand at the lines' ends, unless two would stand in one another: then, and for pairs, a legend. */
  const namesAtEnds = (data) => {
    if (data.form === "xy" || data.series.length < 2) return false;
    const lines = data.series.filter((one) => !["bar", "stack", "hbar", "points"].includes(one.form || data.form));
    if (!lines.length) return false;
    const all = data.series.flatMap((one) => one.values).filter((value) => typeof value === "number");
    const apart = (Math.max(...all) - Math.min(...all)) * 0.08;
    const ends = lines.map((one) => one.values.findLast?.((value) => value !== null) ?? one.values.at(-1) ?? 0).sort((a, b) => a - b);
    return ends.every((value, at) => at === 0 || value - ends[at - 1] > apart);
  };

  /* A share that goes to the top ends at 100 %, not at 120 %. */
  const scale = (unit, values) => unit === "percent" && Math.max(...values) > 0.8 && Math.max(...values) < 1.001 ? { max: 1, interval: 0.2 } : {};

  const series = (data, colours, format) => data.series.map((one, index) => {
    const form = one.form || data.form;
    const colour = token(one.tone) || colours.muted;
    const bar = form === "bar" || form === "stack" || form === "hbar";
    const only = data.series.length === 1;
    const few = (data.labels.length || one.values.length) <= 12;
    return {
      name: one.name,
      type: bar ? "bar" : form === "points" ? "scatter" : "line",
      data: one.values.map((value, at) => ({ value, href: one.hrefs[at] })),
      stack: form === "stack" ? "all" : undefined,
      color: colour,
      barMaxWidth: 34,
      itemStyle: bar ? { borderRadius: form === "stack" ? 0 : form === "hbar" ? [0, 3, 3, 0] : [3, 3, 0, 0] } : undefined,
      lineStyle: { width: one.dashed ? 1.5 : 2, type: one.dashed ? "dashed" : "solid" },
      areaStyle: form === "area" ? { opacity: 0.12 } : undefined,
      symbol: form === "points" ? "circle" : "none",
      symbolSize: 7,
      smooth: false,
      endLabel: !bar && form !== "points" && colours.ends ? { show: true, formatter: "{a}", color: colour, fontSize: 12, distance: 6 } : undefined,
      label: bar && only && few
        ? { show: true, position: form === "hbar" ? "right" : "top", color: colours.ink, fontSize: 11, formatter: (at) => one.texts[at.dataIndex] }
        : undefined,
      labelLayout: { moveOverlap: "shiftY" },
      cursor: one.hrefs.length ? "pointer" : "default",
      emphasis: { disabled: !bar },
      z: 10 - index,
    };
  });

  const options = (data) => {
    const colours = Object.fromEntries(["ink", "muted", "line", "surface"].map((name) => [name, token(name)]));
    const format = formatter(data);
    const lying = data.form === "hbar";
    const pairs = data.form === "xy";
    const lines = namesAtEnds(data);
    const legend = data.series.length > 1 && !lines;
    colours.ends = lines;
    const heights = data.series.flatMap((one) => one.values.map((value) => (Array.isArray(value) ? value[1] : value ?? 0)));
    const widths = pairs ? data.series.flatMap((one) => one.values.map((value) => value[0])) : [];
    const quiet = { axisLine: { lineStyle: { color: colours.line } }, axisTick: { show: false }, axisLabel: { color: colours.muted, fontSize: 11, hideOverlap: true } };
    const words = { ...quiet, type: "category", data: data.labels, inverse: lying, boundaryGap: data.form !== "line" && data.form !== "area" };
    const pairFormat = pairs ? formatter({ ...data, unit: data.xUnit }) : null;
    const along = pairs
      ? { ...quiet, type: "value", name: data.xTitle, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: colours.muted, fontSize: 11 }, splitLine: { show: false }, axisLabel: { ...quiet.axisLabel, formatter: pairFormat }, ...scale(data.xUnit, widths) }
      : words;
    const up = { ...quiet, type: "value", axisLine: { show: false }, splitNumber: lying ? 3 : 4, splitLine: { lineStyle: { color: colours.line } }, axisLabel: { ...quiet.axisLabel, formatter: format }, ...(data.form === "stack" ? {} : scale(data.unit, heights)) };
    const longest = Math.max(...data.series.map((one) => [...one.name].reduce((sum, c) => sum + (c > "\u2e7f" ? 12 : 7), 0)));
    return {
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      animationDuration: 120,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 4, right: lines ? Math.min(longest + 14, 130) : lying ? 56 : 14, top: legend ? 32 : 18, bottom: pairs ? 24 : 4, containLabel: true },
      legend: legend ? { top: 0, left: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: colours.muted, fontSize: 12 } } : undefined,
      xAxis: lying ? up : along,
      yAxis: lying ? words : up,
      tooltip: {
        trigger: pairs || lying ? "item" : "axis", renderMode: "richText", confine: true,
        backgroundColor: colours.surface, borderColor: colours.line, textStyle: { color: colours.ink, fontSize: 12 },
        axisPointer: { type: data.form === "bar" || data.form === "stack" ? "shadow" : "line", lineStyle: { color: colours.line }, shadowStyle: { opacity: 0.06 } },
        formatter: (given) => {
          const points = Array.isArray(given) ? given : [given];
          const head = pairs ? "" : `${points[0].name}\n`;
          return head + points.map((at) => {
            const one = data.series[at.seriesIndex];
            const along = pairs ? `${pairFormat(at.value[0])} → ` : "";
            return `${at.marker.replace(/\{marker[^}]*\|\}/, "● ")}${one.name}  ${along}${one.texts[at.dataIndex]}`;
          }).join("\n");
        },
      },
      series: series(data, colours, format),
    };
  };

  const draw = (figure) => {
    const canvas = figure.querySelector("[data-canvas]");
    const source = figure.querySelector('script[type="application/json"]');
    if (!canvas || !source || !window.echarts) return;
    const data = JSON.parse(source.textContent);
    let chart = drawn.get(canvas);
    if (!chart) {
      chart = window.echarts.init(canvas, null, { renderer: "canvas" });
      chart.on("click", (at) => { if (at.data?.href) location.href = at.data.href; });
      drawn.set(canvas, chart);
      new ResizeObserver(() => { if (canvas.isConnected) chart.resize(); }).observe(canvas);
    }
    chart.setOption(options(data), true);
  };

  const drawAll = () => {
    const figures = [...document.querySelectorAll("[data-chart]")];
    for (const [canvas, chart] of drawn) {
      if (!canvas.isConnected) { chart.dispose(); drawn.delete(canvas); }
    }
    if (!figures.length) return;
    load().then(() => figures.forEach(draw)).catch(() => {
      for (const figure of figures) {
        figure.querySelector("[data-canvas]").classList.add("failed");
        figure.querySelector(".behind").open = true;
      }
    });
  };

  drawAll();
  document.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("kit:theme", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  window.addEventListener("beforeprint", () => { for (const chart of drawn.values()) chart.resize(); });
}
