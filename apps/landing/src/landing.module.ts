import { Module, type DynamicModule } from '@nestjs/common';
import { AuthService } from './auth-service.js';
import { HttpAuthService } from './auth-service.client.js';
import { CheckReadiness } from './check-readiness.usecase.js';
import { ExchangeLink } from './exchange-link.usecase.js';
import { Answers } from './http/answer.js';
import { LandingController } from './landing.controller.js';
import { OpenLink } from './open-link.usecase.js';
import { SendCode } from './send-code.usecase.js';
import type { Settings } from './settings.js';

/** How long auth-service may take; the client's own bounds when not given. */
export interface ServiceTimeouts {
  readonly timeoutMs?: number | undefined;
  readonly exchangeTimeoutMs?: number | undefined;
}

/** Composition root: which settings go where, and who fills the AuthService port. */
@Module({})
export class LandingModule {
  static with(
    settings: Settings,
    answers: Answers,
    { timeoutMs, exchangeTimeoutMs }: ServiceTimeouts = {},
  ): DynamicModule {
    const authService = new HttpAuthService({
      url: settings.authServiceUrl,
      username: settings.authServiceUsername,
      password: settings.authServicePassword,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(exchangeTimeoutMs === undefined ? {} : { exchangeTimeoutMs }),
    });
    return {
      module: LandingModule,
      controllers: [LandingController],
      providers: [
        { provide: AuthService, useValue: authService },
        {
          provide: OpenLink,
          useFactory: (service: AuthService) => new OpenLink(service, settings.open),
          inject: [AuthService],
        },
        {
          provide: ExchangeLink,
          useFactory: (service: AuthService, openLink: OpenLink) => new ExchangeLink(service, openLink),
          inject: [AuthService, OpenLink],
        },
        {
          provide: SendCode,
          useFactory: (service: AuthService, openLink: OpenLink) => new SendCode(service, openLink),
          inject: [AuthService, OpenLink],
        },
        {
          provide: CheckReadiness,
          useFactory: (service: AuthService) => new CheckReadiness(service),
          inject: [AuthService],
        },
        { provide: Answers, useValue: answers },
      ],
    };
  }
}
