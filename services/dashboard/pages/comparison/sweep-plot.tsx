// SPDX-License-Identifier: GPL-2.0-or-later
import { seriesToken } from '../../components/series-colour.js';
import type { SweepFigure, SweepMark } from './sweep-points.js';

const HEIGHT = 280;
/** Room below the plot for the swept values. */
const FOOT = 34;
const PLOT = HEIGHT - FOOT;

const across = (place: number) => `${(100 * place).toFixed(2)}%`;
const down = (place: number) => PLOT * (1 - Math.min(1, Math.max(0, place)));

/** Draws values with their intervals over a swept value. The same values are in the table below. */
export function SweepPlot({
  figure,
  title,
  axis,
}: {
  figure: SweepFigure;
  title: string;
  axis: string;
}) {
  return (
    <svg className="sweep-plot" width="100%" height={HEIGHT} role="img" aria-label={title}>
      {figure.yTicks.map(({ place, text }) => (
        <g key={text}>
          <line x1="0" x2="100%" y1={down(place)} y2={down(place)} className="tick" />
          <text x="2" y={down(place) - 4}>
            {text}
          </text>
        </g>
      ))}
      {figure.xTicks.map(({ place, text }) => (
        <text key={text} x={across(place)} y={PLOT + 15} textAnchor="middle">
          {text}
        </text>
      ))}
      <text x="50%" y={HEIGHT - 3} textAnchor="middle">
        {axis}
      </text>
      {figure.series.map((marks, index) => (
        <Series key={index} marks={marks} colour={`var(${seriesToken(index)})`} />
      ))}
    </svg>
  );
}

function Series({ marks, colour }: { marks: readonly SweepMark[]; colour: string }) {
  return (
    <g stroke={colour} fill={colour}>
      {marks.slice(1).map((mark, index) => (
        <line
          key={mark.text}
          x1={across(marks[index]!.x)}
          x2={across(mark.x)}
          y1={down(marks[index]!.y)}
          y2={down(mark.y)}
          strokeWidth="1.5"
        />
      ))}
      {marks.map((mark) => (
        <g key={mark.text}>
          <line
            x1={across(mark.x)}
            x2={across(mark.x)}
            y1={down(mark.yLow)}
            y2={down(mark.yHigh)}
            strokeWidth="2"
          />
          <circle cx={across(mark.x)} cy={down(mark.y)} r="4" />
        </g>
      ))}
    </g>
  );
}
