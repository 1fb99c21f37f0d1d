// SPDX-License-Identifier: GPL-2.0-or-later
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  Alert,
  AlertChange,
  AlertList,
  AlertListQuery,
  History,
  HistoryQuery,
  Mark,
  MarkRequest,
  ProjectList,
  SeriesList,
  SeriesPoints,
  SeriesQuery,
  StoredMark,
} from '#contract/history.js';
import { alertsOfSeries, changeAlert, listAlerts } from '#store/alerts.js';
import { countDueSeries, isDue } from '#store/due-series.js';
import { countJobsToIngest } from '#store/history.js';
import { addMark, marksOf, pointsAt, removeMark } from '#store/marks.js';
import { pointsOf, readPoints } from '#store/points.js';
import { listProjects } from '#store/projects.js';
import { listSeries } from '#store/series.js';
import { bulk, sendList } from '../bulk.js';
import type { Service } from '../service.js';

const AlertParams = z.object({ id: z.string().regex(/^\d{1,18}$/, 'an alert id: digits') });
const MarkParams = z.object({ id: z.string().regex(/^\d{1,18}$/, 'a mark id: digits') });

export function historyRoutes(
  server: FastifyInstance,
  { store, compute, accessSettings }: Service,
): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();

  typed.get(
    '/v1/projects',
    {
      schema: {
        summary:
          'Projects that jobs and imports have named, with their branches and what they store; ' +
          'quotas bind tokens of one project',
        response: { 200: ProjectList },
      },
      config: bulk('overview'),
    },
    async () => ({ ...(await listProjects(store)), quota: accessSettings.quota }),
  );
  typed.get(
    '/v1/series',
    {
      schema: {
        summary: 'Series of a project',
        querystring: SeriesQuery,
        response: { 200: SeriesList },
      },
      config: bulk('history'),
    },
    async (request, reply) => {
      await compute.ingestJobs(request.query.project);
      const { series } = await listSeries(store, request.query);
      return sendList(request, reply, 'series', [series]);
    },
  );

  const history = {
    summary: 'One metric over the commits of a branch, with level shifts',
    querystring: HistoryQuery,
    response: { 200: History },
  };
  typed.get('/v1/history', { schema: history, config: bulk('history') }, async (request, reply) => {
    const key = request.query;
    await compute.ingestJobs(key.project);
    await compute.bringUpToDate(key.project);
    const points = await pointsOf(store.pool, key);
    return sendList(request, reply, 'points', [points], {
      ...key,
      changePoints: await compute.changes(key, points),
      alertsDue: await isDue(store, key),
      alerts: await alertsOfSeries(store.pool, key),
      marks: await marksOf(store.pool, key.project, key.branch),
    });
  });

  const points = {
    summary: 'Points of a series, without detecting level shifts',
    querystring: HistoryQuery,
    response: { 200: SeriesPoints },
  };
  typed.get('/v1/history/points', { schema: points }, (request) =>
    readPoints(store, request.query),
  );

  typed.get(
    '/v1/alerts',
    {
      schema: { querystring: AlertListQuery, response: { 200: AlertList } },
      config: bulk('history'),
    },
    async (request, reply) => {
      const { project } = request.query;
      await compute.bringUpToDate(project);
      // Counted first, so that alerts of a series that is not counted are in the list.
      const waiting = {
        jobs: await countJobsToIngest(store, project),
        series: await countDueSeries(store, project),
      };
      return sendList(request, reply, 'alerts', [await listAlerts(store, request.query)], {
        waiting,
      });
    },
  );
  typed.patch(
    '/v1/alerts/:id',
    { schema: { params: AlertParams, body: AlertChange, response: { 200: Alert } } },
    (request) => changeAlert(store, request.params.id, request.body),
  );

  const mark = {
    summary: 'Mark a shift as known: change points there do not alert',
    body: MarkRequest,
    response: { 201: StoredMark },
  };
  typed.post('/v1/marks', { schema: mark }, async (request, reply) => {
    await compute.ingestJobs(request.body.project);
    const added = await addMark(store, request.body, request.access.quota);
    return reply.status(201).send({ ...added, points: await pointsAt(store, added) });
  });
  typed.delete(
    '/v1/marks/:id',
    {
      schema: {
        summary: 'Remove a mark; alerts that it acknowledged keep their state',
        params: MarkParams,
        response: { 200: Mark },
      },
    },
    (request) => removeMark(store, request.params.id),
  );
}
