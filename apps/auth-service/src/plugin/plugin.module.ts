import { Module } from '@nestjs/common';
import { RolesModule } from '../roles/index.js';
import { SharesModule } from '../shares/index.js';
import { TokensModule } from '../tokens/index.js';
import { UsersModule } from '../users/index.js';
import { OrthancSettingsController } from './orthanc-settings.controller.js';
import { OrthancTokensController } from './orthanc-tokens.controller.js';
import { SettingsController } from './settings.controller.js';
import { TokensController } from './tokens.controller.js';
import { UserController } from './user.controller.js';
import { ValidateRoute } from './validate.route.js';

/** The routes that the authorization plugin calls, as thin adapters over the features. */
@Module({
  imports: [TokensModule, SharesModule, UsersModule, RolesModule],
  controllers: [
    TokensController,
    UserController,
    SettingsController,
    OrthancSettingsController,
    OrthancTokensController,
  ],
  providers: [ValidateRoute],
  exports: [ValidateRoute],
})
export class PluginModule {}
