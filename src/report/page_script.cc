#include "report/page_style.h"

namespace lastcall::report::page {

const std::string_view kScript = R"js(
(() => {
  const size = us => Math.abs(us) < 1e6 ? (Math.abs(us) / 1e3).toFixed(0) + '\u00a0ms'
                                        : (Math.abs(us) / 1e6).toFixed(2) + '\u00a0s';
  const when = us => us === 0 ? '0' : (us < 0 ? '\u2212' : '+') + size(us);
  const words = ['begun', 'answered', 'lost', 'refused', 'in flight'];

  for (const chart of document.querySelectorAll('.chart')) {
    const [begin, end, first, bin] =
        ['begin', 'end', 'binsBegin', 'bin'].map(name => Number(chart.dataset[name]));
    const readout = chart.parentElement.querySelector('.readout');
    const lanes = [...chart.querySelectorAll('.band')].filter(band => band.dataset.bins);
    if (!bin || !readout || !lanes.length) continue;
    const quiet = readout.textContent;
    const cursor = chart.appendChild(document.createElement('div'));
    cursor.className = 'cursor';
    cursor.hidden = true;
    let shown = Math.round(-first / bin);

    const tell = (band, index) => {
      const bins = band.dataset.bins.split(';');
      shown = Math.max(0, Math.min(bins.length - 1, index));
      const from = first + shown * bin;
      const counts = bins[shown].split(',').map((n, i) => i === 0 || n !== '0' ? n + '\u00a0' + words[i] : '');
      readout.textContent = band.dataset.name + ', ' + when(from) + ' to ' + when(from + bin) + ': ' +
          counts.filter(Boolean).join(', ');
      const box = band.getBoundingClientRect();
      const share = (from + bin / 2 - begin) / (end - begin);
      cursor.style.left = box.left - chart.getBoundingClientRect().left + share * box.width + 'px';
      cursor.hidden = false;
    };
    const rest = () => { cursor.hidden = true; readout.textContent = quiet; };

    for (const band of lanes) {
      band.addEventListener('pointermove', event => {
        const box = band.getBoundingClientRect();
        const at = begin + (event.clientX - box.left) / box.width * (end - begin);
        tell(band, Math.floor((at - first) / bin));
      });
      band.addEventListener('pointerleave', rest);
      band.addEventListener('focus', () => tell(band, shown));
      band.addEventListener('blur', rest);
      band.addEventListener('keydown', event => {
        const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
        if (!step) return;
        event.preventDefault();
        tell(band, shown + step);
      });
    }
  }
  addEventListener('beforeprint', () => {
    for (const detail of document.querySelectorAll('details')) detail.open = true;
  });
})();
)js";

const std::string_view kScriptHash = "sha256-T32A00pcav5TmlJiR0CWlDtbJ2cE55+urMM7KYBFQVM=";

}  // namespace lastcall::report::page
