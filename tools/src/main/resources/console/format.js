// Numbers and times as people read them. Pure functions.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** 1234567 as "1,234,567", in the same way everywhere. */
export function count(number) {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** 1234567 as "1.23 M". */
export function short(number) {
  for (const [size, unit] of [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e4, " k"]]) {
    if (number >= size) {
      return (number / (size === 1e4 ? 1e3 : size)).toPrecision(3) + unit;
    }
  }
  return count(number);
}

export function bytes(number) {
  let unit = 0;
  let rest = number;
  while (rest >= 1000 && unit < UNITS.length - 1) {
    rest /= 1024;
    unit++;
  }
  return (unit === 0 ? String(rest) : rest >= 100 ? rest.toFixed(0) : rest.toPrecision(3)) + " " + UNITS[unit];
}

/** A span of time, in ms, as "0.4 s", "12 s", "3 min 20 s". */
export function span(millis) {
  const seconds = Math.max(0, millis) / 1000;
  if (seconds < 10) {
    return seconds.toFixed(1) + " s";
  }
  if (seconds < 120) {
    return Math.floor(seconds) + " s";
  }
  if (seconds < 7200) {
    return Math.floor(seconds / 60) + " min " + Math.floor(seconds % 60) + " s";
  }
  return Math.floor(seconds / 3600) + " h " + Math.floor((seconds % 3600) / 60) + " min";
}

export function clock(date) {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}
